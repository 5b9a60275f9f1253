"""With too little money, the button of an order tops up the difference and pays, each once."""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.payments import InstantTestProvider, Paid
from billing.services import charge, new_request_key, wallet_of
from predictions.models import Prediction, ScoringModel
from tests.support.customers import Form
from tests.support.html import Page
from tests.support.page_checks import assert_obeys, assert_usable
from tests.support.people import give_money
from tests.support.providers import FirstPaymentFails
from tests.support.reviews import leads_to_review, press_pay

NEW, COMPARE = reverse("predictions:new"), reverse("predictions:comparison-new")


@pytest.fixture
def poor(client: Client, alice: User, catalog: None) -> Client:
    """Alice's browser with 4.00, for an order of 10.00."""
    give_money(alice, 4_00)
    client.force_login(alice)
    return client


@pytest.fixture
def pressed(form: Form) -> Form:
    return form | {"top_up": "600"}


def booked(kind: str) -> list[int]:
    return list(Entry.objects.filter(kind=kind).order_by("created_at").values_list("amount", flat=True))


def button(answer: Any, name: str = "top_up") -> tuple[str, str]:
    """The value and the text of the button in the payment."""
    found = Page(answer).all("button", name=name)[-1]
    return found.attributes["value"], found.words.replace("\u00a0", " ")


def spend(user: User, amount: int) -> None:
    with transaction.atomic():
        charge(user=user, amount=amount, request_key=new_request_key())


def test_the_button_says_how_much(poor: Client) -> None:
    assert button(poor.get(NEW, follow=True)) == ("600", "Top up 6.00 USD and pay")
    assert button(poor.get(COMPARE, follow=True)) == ("12400", "Continue"), "a review follows"


def test_with_enough_money_it_pays(alices: Client) -> None:
    page = Page(alices.get(NEW, follow=True))
    assert not page.all("button", name="top_up")
    assert "Pay and get the probability" in [found.words for found in page.all("button", class_="button")]


def test_without_javascript_too_little_money_is_told_with_the_sum_for_each_model(poor: Client) -> None:
    page = Page(poor.get(NEW, follow=True))
    short = [part for part in page.all("div", class_="stack") if "Insufficient funds" in part.words]
    assert "hidden" not in short[0].attributes
    listed = [row.words.replace("\u00a0", " ") for row in page.all("noscript")]
    assert [sum_ in listed[0] for sum_ in ("+6.00 USD", "+46.00 USD", "+96.00 USD")] == [True] * 3


def test_it_is_said_in_russian(poor: Client) -> None:
    answer = poor.get(NEW, follow=True, headers={"Accept-Language": "ru"})
    assert button(answer) == ("600", "Пополнить на 6,00 USD и оплатить")


def test_one_press_tops_up_the_difference_and_leads_to_the_result(
    poor: Client, alice: User, pressed: Form
) -> None:
    answer: Any = poor.post(NEW, pressed, follow=True)
    assert answer.redirect_chain[0][0] == reverse("predictions:detail", args=[Prediction.objects.get().pk])
    assert "6.00 USD added to your balance." in answer.content.decode().replace("\u00a0", " ")
    assert (booked("top_up"), booked("charge")) == ([4_00, 6_00], [-10_00])
    assert wallet_of(alice).balance == 0


@pytest.mark.parametrize("balance", [0, 4_00])
def test_pressed_twice_it_pays_once(
    client: Client, alice: User, catalog: None, form: Form, balance: int
) -> None:
    if balance:
        give_money(alice, balance)
    client.force_login(alice)
    sent = form | {"top_up": str(10_00 - balance)}
    first, second = client.post(NEW, sent), client.post(NEW, sent)
    assert first["Location"] == second["Location"]
    assert booked("top_up")[-1] == 10_00 - balance
    assert sum(booked("top_up")) == 10_00
    assert booked("charge") == [-10_00]


def test_money_that_came_meanwhile_is_not_topped_up_again(poor: Client, alice: User, pressed: Form) -> None:
    give_money(alice, 50_00)
    assert poor.post(NEW, pressed).status_code == 302
    assert (booked("top_up"), booked("charge")) == ([4_00, 50_00], [-10_00])


@pytest.mark.parametrize("said", ["600", "0", "-600", "", "6.00", "nonsense", "\x00", "1" * 99])
def test_another_sum_than_the_missing_one_is_told_and_not_paid(
    poor: Client, alice: User, form: Form, said: str
) -> None:
    spend(alice, 1_00)
    answer = poor.post(NEW, form | {"top_up": said})
    assert answer.status_code == 402
    assert button(answer) == ("700", "Top up 7.00 USD and pay")
    assert booked("top_up") == [4_00]
    assert not Prediction.objects.exists()
    assert_usable(answer)
    assert_obeys(answer)


def test_the_same_form_without_that_button_tops_up_nothing(poor: Client, form: Form) -> None:
    answer = poor.post(NEW, form)
    assert (answer.status_code, button(answer)[0]) == (402, "600")
    assert booked("top_up") == [4_00]


def test_a_risen_price_is_told_and_not_paid(poor: Client, pressed: Form) -> None:
    ScoringModel.objects.filter(slug="logistic-regression").update(price=20_00)
    answer = poor.post(NEW, pressed)
    assert answer.status_code == 409
    assert "20.00" in Page(answer).by_id("id_model_error").words
    assert (booked("top_up"), booked("charge")) == ([4_00], [])


class PriceRises(InstantTestProvider):
    def pay(self, *, amount: int, request_key: str) -> Paid:
        ScoringModel.objects.update(price=20_00)
        return super().pay(amount=amount, request_key=request_key)


def test_a_price_that_rises_during_the_top_up_is_not_what_is_paid(
    poor: Client, pressed: Form, settings: Settings
) -> None:
    settings.PAYMENT_PROVIDER = f"{__name__}.{PriceRises.__name__}"
    assert poor.post(NEW, pressed).status_code == 302
    assert booked("charge") == [-10_00]


class MoneyIsSpent(InstantTestProvider):
    """Something else takes the balance while the first top-up is paid."""

    def pay(self, *, amount: int, request_key: str) -> Paid:
        if not booked("charge"):
            spend(User.objects.get(username="alice"), 4_00)
        return super().pay(amount=amount, request_key=request_key)


def test_a_top_up_that_did_not_suffice_is_followed_by_another(
    poor: Client, alice: User, pressed: Form, settings: Settings
) -> None:
    settings.PAYMENT_PROVIDER = f"{__name__}.{MoneyIsSpent.__name__}"
    answer = poor.post(NEW, pressed)
    assert (answer.status_code, button(answer)[0]) == (402, "400")
    # What was added is spent elsewhere, so that the first sum is missing again.
    spend(alice, 2_00)
    page = Page(poor.get(Page(answer).all("form", class_="order")[0].attributes["action"]))
    again = pressed | {"request_key": page.value_of("request_key")}
    assert poor.post(NEW, again).status_code == 302
    assert booked("top_up") == [4_00, 6_00, 6_00]
    assert wallet_of(alice).balance == 0


def test_a_declined_payment_charges_nothing_and_can_be_tried_again(
    poor: Client, alice: User, pressed: Form, settings: Settings
) -> None:
    FirstPaymentFails.declined = []
    settings.PAYMENT_PROVIDER = f"{FirstPaymentFails.__module__}.{FirstPaymentFails.__name__}"
    declined = poor.post(NEW, pressed)
    assert declined.status_code == 402
    page = Page(declined)
    assert "The payment was declined. Your balance has not changed." in page.all("div", role="alert")[0].words
    assert (booked("top_up"), booked("charge")) == ([4_00], [])
    again = pressed | {"request_key": page.value_of("request_key")}
    assert poor.post(NEW, again).status_code == 302
    assert wallet_of(alice).balance == 0


def test_a_wrong_value_tops_up_nothing(poor: Client, pressed: Form) -> None:
    assert poor.post(NEW, pressed | {"person_age": "7"}).status_code == 422
    assert booked("top_up") == [4_00]


@pytest.mark.parametrize(
    ("address", "changes", "missing"),
    [(NEW, {"model": "catboost"}, "9600"), (NEW, {"person_age": "95"}, "600"), (COMPARE, {}, "12400")],
)
def test_what_is_reviewed_is_topped_up_by_the_button_of_the_review(
    poor: Client, alice: User, form: Form, address: str, changes: Form, missing: str
) -> None:
    answer = poor.post(address, form | changes | {"price": 128_00, "top_up": missing})
    assert leads_to_review(answer)
    assert booked("top_up") == [4_00]
    review = poor.get(answer["Location"])
    assert button(review)[0] == missing
    assert_usable(review)
    assert_obeys(review)
    paid = press_pay(poor, review, top_up=missing)
    assert paid.status_code == 302
    assert not leads_to_review(paid)
    assert booked("top_up") == [4_00, int(missing)]
    assert wallet_of(alice).balance == 0


def test_more_than_one_top_up_may_be_has_the_link_alone(poor: Client) -> None:
    ScoringModel.objects.filter(slug="logistic-regression").update(price=100_005_00)
    page = Page(poor.get(NEW, follow=True))
    assert not page.all("button", name="top_up")
    assert [link for link in page.links if link.startswith(reverse("billing:top-up"))]
