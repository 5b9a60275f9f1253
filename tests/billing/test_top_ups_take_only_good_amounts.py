import json
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from billing import payments
from billing.models import Entry
from billing.money import top_up_amount
from billing.services import new_request_key
from tests.support.people import ApiClientFor
from tests.support.reviews import send

BAD = [
    ("0", "min_value"),
    ("-5", "min_value"),
    ("0.001", "min_value"),
    ("1e-400000", "invalid"),
    ("1.005", "max_decimal_places"),
    ("5.000", "max_decimal_places"),
    ("5.0000000000000000000000000000000001", "max_decimal_places"),
    ("99999.999999999999999999999999999999", "max_decimal_places"),
    ("100000.01", "max_value"),
    (1e308, "max_value"),
    ("1e400000", "invalid"),
    ("NaN", "invalid"),
    ("Infinity", "invalid"),
    ("ten", "invalid"),
    ("", "invalid"),
    ("1\x00", "invalid"),
    (None, "null"),
    (True, "invalid"),
    (["5"], "invalid"),
    ({"amount": "5"}, "invalid"),
]


@pytest.mark.parametrize(("amount", "code"), BAD)
def test_the_api_names_the_fault_and_books_nothing(
    alice: User, api: ApiClientFor, amount: object, code: str
) -> None:
    body = json.dumps({"amount": amount})
    answer = api(alice).post("/api/v1/top-ups/", body, content_type="application/json")
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("amount", code)]
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("amount", "code", "told"),
    [
        ("NaN", "invalid", "Enter a number."),
        ("0", "min_value", "Enter an amount from 0.01."),
        ("1.005", "max_decimal_places", "Use up to two decimal places."),
        ("100000.01", "max_value", "Enter an amount up to 100,000.00."),
    ],
)
def test_the_fault_is_told(amount: str, code: str, told: str) -> None:
    with pytest.raises(ValidationError) as fault:
        top_up_amount(Decimal(amount))
    assert (fault.value.code, fault.value.messages) == (code, [told])


@pytest.mark.parametrize("amount", [amount for amount, _code in BAD if isinstance(amount, str)])
def test_the_page_refuses_them_too(alice: User, amount: str) -> None:
    client = Client()
    client.force_login(alice)
    answer = client.post("/wallet/top-up/", {"amount": amount, "request_key": new_request_key()})
    assert answer.status_code == 422
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("language", "told"), [("en", "up to 100,000.00."), ("ru", "не\u00a0больше 100\u00a0000,00.")]
)
def test_the_limit_is_written_as_the_reader_does(alice: User, language: str, told: str) -> None:
    client = Client()
    client.force_login(alice)
    sent = {"amount": "100000.01", "request_key": new_request_key()}
    answer = client.post("/wallet/top-up/", sent, headers={"Accept-Language": language})
    assert told in answer.content.decode()


@pytest.mark.parametrize(
    ("amount", "booked"),
    [
        ("0.01", "0.01"),
        ("100000.00", "100000.00"),
        ("5", "5.00"),
        (5, "5.00"),
        (5.5, "5.50"),
        ("007.5", "7.50"),
    ],
)
def test_the_api_takes_good_ones_to_the_cent(
    alice: User, api: ApiClientFor, amount: object, booked: str
) -> None:
    answer = api(alice).post("/api/v1/top-ups/", {"amount": amount}, format="json")
    assert answer.status_code == 201
    entry = answer.json()
    assert (entry["kind"], entry["amount"], entry["balance_after"]) == ("top_up", booked, booked)
    assert entry["currency"] == "USD"


@pytest.mark.parametrize(
    ("typed", "booked"), [("1 000,50", 100050), ("1\u00a0000,5", 100050), ("1,000.50", 100050), ("7,25", 725)]
)
def test_the_page_takes_what_people_type(alice: User, typed: str, booked: int) -> None:
    client = Client()
    client.force_login(alice)
    send(client, "/wallet/top-up/", {"amount": typed, "request_key": new_request_key()})
    assert Entry.objects.get().amount == booked


class SilentProvider:
    """A provider that has nothing to say beside the pay button."""

    def pay(self, *, amount: int, request_key: str) -> payments.Paid:
        return payments.Paid(f"paid {amount}")


def test_a_provider_may_have_no_notice(alices: Client, settings: Settings) -> None:
    settings.PAYMENT_PROVIDER = f"{__name__}.{SilentProvider.__name__}"
    assert alices.get("/wallet/top-up/", follow=True).status_code == 200
    assert alices.post("/wallet/top-up/", {"amount": "0"}).status_code == 422


def test_the_provider_can_tell_customers_with_the_same_key_apart(
    alice: User, bob: User, api: ApiClientFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = []

    def pay(_provider: object, *, amount: int, request_key: str) -> payments.Paid:
        keys.append(request_key)
        return payments.Paid(f"paid {amount}")

    monkeypatch.setattr(payments.InstantTestProvider, "pay", pay)
    for user in (alice, bob):
        api(user).post("/api/v1/top-ups/", {"amount": "5"}, format="json", headers={"Idempotency-Key": "1"})
    assert len(set(keys)) == 2
