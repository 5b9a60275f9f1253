"""The top-up page books what was meant, in both languages, or says what it needs."""

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.services import new_request_key
from tests.support.html import Page

ADDRESS = "/wallet/top-up/"
EXAMPLES = {"en": "1,234.50", "ru": "1 234,50"}


@pytest.fixture(autouse=True)
def _no_review(settings: Settings) -> None:
    """Large amounts are booked at once; the review of them has tests of its own."""
    settings.CONFIRM_FROM = 1_000_000_00


def send(client: Client, user: User, amount: str, language: str) -> str:
    """Send the form; return the error beside the amount, "" if it was booked."""
    client.force_login(user)
    sent = {"amount": amount, "request_key": new_request_key()}
    answer = client.post(ADDRESS, sent, headers={"Accept-Language": language})
    assert answer.status_code in (302, 422)
    if answer.status_code == 302:
        return ""
    return Page(answer).by_id("id_amount_error").words.replace("\u00a0", " ")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    ("typed", "booked"),
    [
        *(("1,234.50", 1234_50), ("1.234,50", 1234_50), ("1 234,50", 1234_50), ("1 234.50", 1234_50)),
        *(("1\u00a0234,50", 1234_50), ("1\u202f234,50", 1234_50), ("1\u2009234,50", 1234_50)),
        *(("1'234.50", 1234_50), ("1’234.50", 1234_50), ("$50", 50_00), ("50 USD", 50_00), ("USD 50", 50_00)),
        *(
            ("$1,234.50", 1234_50),
            ("1 234,50\u00a0USD", 1234_50),
            ("50", 50_00),
            ("50.5", 50_50),
            ("7,25", 7_25),
        ),
        *(("100,000.00", 100_000_00), ("  50  ", 50_00), ("1000.50", 1000_50), ("1000,50", 1000_50)),
    ],
)
def test_amounts_as_people_type_them_are_booked(
    client: Client, alice: User, typed: str, booked: int, language: str
) -> None:
    assert send(client, alice, typed, language) == ""
    assert Entry.objects.get().amount == booked


def test_a_comma_before_three_digits_is_thousands_on_an_english_page(client: Client, alice: User) -> None:
    assert send(client, alice, "1,000", "en") == ""
    assert Entry.objects.get().amount == 1000_00


@pytest.mark.parametrize(
    ("language", "typed", "told"),
    [
        (
            "en",
            "1.000",
            "This can be read in two ways. Enter the amount without thousands separators, "
            "for example 1234.50.",
        ),
        (
            "ru",
            "1.000",
            "Это можно прочитать двояко. Введите сумму без разделителей тысяч, например 1234,50.",
        ),
        (
            "ru",
            "1,000",
            "Это можно прочитать двояко. Введите сумму без разделителей тысяч, например 1234,50.",
        ),
    ],
)
def test_an_ambiguous_amount_is_asked_for_again(
    client: Client, alice: User, language: str, typed: str, told: str
) -> None:
    assert send(client, alice, typed, language) == told
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Use up to two decimal places."), ("ru", "Не больше двух знаков после запятой.")],
)
@pytest.mark.parametrize("typed", ["1 000,555", "1\u00a0000.555", "1'000,000"])
def test_grouped_thousands_have_two_decimals(
    client: Client, alice: User, typed: str, language: str, told: str
) -> None:
    assert send(client, alice, typed, language) == told
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "Enter an amount, for example 1,234.50."), ("ru", "Введите сумму, например 1 234,50.")],
)
@pytest.mark.parametrize(
    "typed",
    [
        *("12,34.50", "5,0.00", "1e3", "1_000", "٣", "１２", "+5", "5.", ".5", "007", "0x10", "inf", "nan"),
        *(
            "5$0",
            "€50",
            "50 EUR",
            "$50 USD",
            "\u200b5",
            "5\u200f",
            "1,000.00.00",
            "9" * 41,
            "50%",
            "ten",
            "5 0",
        ),
    ],
)
def test_what_is_no_amount_is_refused_with_an_example(
    client: Client, alice: User, typed: str, language: str, told: str
) -> None:
    assert send(client, alice, typed, language) == told
    assert not Entry.objects.exists()


@pytest.mark.parametrize("typed", ["-5", "−5", "-0", "−0,00", "0", "$-5"])
def test_an_amount_is_positive(client: Client, alice: User, typed: str) -> None:
    assert send(client, alice, typed, "en") == "Enter an amount from 0.01."
    assert not Entry.objects.exists()


@pytest.mark.parametrize("typed", ["", " ", "\u00a0", "\t"])
def test_blank_is_missing(client: Client, alice: User, typed: str) -> None:
    assert send(client, alice, typed, "en") == "This field is required."


@pytest.mark.parametrize(("language", "example"), EXAMPLES.items())
def test_the_page_says_what_it_takes(client: Client, alice: User, language: str, example: str) -> None:
    client.force_login(alice)
    page = Page(client.get(ADDRESS, headers={"Accept-Language": language}, follow=True))
    told = page.by_id("id_amount_helptext").words.replace("\u00a0", " ")
    assert example in told
    assert "USD" in told
    assert send(client, alice, example, language) == ""
    assert Entry.objects.get().amount == 1234_50


@pytest.mark.parametrize(
    ("currency", "understood", "refused"),
    [("EUR", "€50", "$50"), ("RUB", "50 ₽", "50 USD"), ("RUB", "50 руб.", "$50"), ("KZT", "50 KZT", "50 ₽")],
)
def test_the_currency_is_that_of_the_service(
    client: Client, alice: User, settings: Settings, currency: str, understood: str, refused: str
) -> None:
    settings.CURRENCY = currency
    assert send(client, alice, refused, "ru") != ""
    assert send(client, alice, understood, "ru") == ""
    assert Entry.objects.get().amount == 50_00
