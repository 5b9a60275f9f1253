"""What the button of a review pays for, and what the session keeps for it."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.payment_forms import SESSION_KEY
from predictions.models import ScoringModel
from tests.support.customers import Form
from tests.support.form_drafts import shown
from tests.support.people import give_money
from tests.support.reviews import leads_to_review, press_pay

NEW, COMPARE, TOP_UP = (
    reverse(name) for name in ("predictions:new", "predictions:comparison-new", "billing:top-up")
)
BOTH = pytest.mark.parametrize("address", [NEW, COMPARE])
OTHER_KEY = "7b0b0a3e-2b52-4a44-8a60-7a0f6c0a1f10"


@pytest.fixture
def buyer(alices: Client, alice: User) -> Client:
    give_money(alice, 900_00)
    return alices


@pytest.fixture
def typed(form: Form) -> Form:
    """Fits all three forms, each of which is reviewed."""
    return form | {"price": 128_00, "label": "Ivanov", "person_age": "95", "amount": "200"}


def charges() -> int:
    return Entry.objects.filter(kind=Entry.Kind.CHARGE).count()


def review_of(client: Client, address: str, form: Form) -> Any:
    answer = client.post(address, form)
    assert leads_to_review(answer)
    return client.get(answer["Location"])


@BOTH
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"person_age": "94"}, id="another value"),
        pytest.param({"person_emp_length": ""}, id="a value less"),
        pytest.param({"loan_intent": "MEDICAL"}, id="another choice"),
        pytest.param({"request_key": OTHER_KEY}, id="another form"),
        pytest.param({"reviewed": "yes"}, id="not ours"),
        pytest.param({"reviewed": ""}, id="none"),
    ],
)
def test_a_review_pays_for_no_other_values(buyer: Client, typed: Form, address: str, changes: Form) -> None:
    review = review_of(buyer, address, typed)
    assert leads_to_review(press_pay(buyer, review, **changes))
    assert charges() == 0


def test_a_review_pays_for_no_other_model_even_at_the_same_price(buyer: Client, typed: Form) -> None:
    ScoringModel.objects.filter(slug="random-forest").update(price=10_00)
    review = review_of(buyer, NEW, typed)
    changes: Form = {"model": "random-forest", "price_random-forest": 10_00}
    assert leads_to_review(press_pay(buyer, review, **changes))
    assert charges() == 0


def test_a_review_of_a_comparison_pays_for_no_prediction_at_the_same_price(
    buyer: Client, typed: Form
) -> None:
    seen = shown(review_of(buyer, COMPARE, typed))["reviewed"]
    ScoringModel.objects.filter(slug="logistic-regression").update(price=128_00)
    sent = typed | {"price_logistic-regression": 128_00, "reviewed": seen}
    assert leads_to_review(buyer.post(NEW, sent))
    assert charges() == 0


@pytest.mark.parametrize("address", [NEW, COMPARE, TOP_UP])
def test_a_review_of_another_customer_pays_for_nothing(
    buyer: Client, bob: User, typed: Form, address: str
) -> None:
    """Both have a form with the same key and the same values."""
    give_money(bob, 900_00)
    seen = shown(review_of(buyer, address, typed))["reviewed"]
    bobs, entries = Client(), Entry.objects.count()
    bobs.force_login(bob)
    assert leads_to_review(bobs.post(address, typed | {"reviewed": seen}))
    assert Entry.objects.count() == entries


@pytest.mark.parametrize("address", [NEW, COMPARE, TOP_UP])
def test_the_session_keeps_the_inputs_until_they_are_paid(buyer: Client, typed: Form, address: str) -> None:
    other = review_of(buyer, address, typed | {"request_key": OTHER_KEY})
    review = review_of(buyer, address, typed)
    assert [key for key, *_rest in buyer.session[SESSION_KEY]] == [OTHER_KEY, typed["request_key"]]
    assert press_pay(buyer, review).status_code == 302
    assert [key for key, *_rest in buyer.session[SESSION_KEY]] == [OTHER_KEY]
    press_pay(buyer, other)
    assert buyer.session[SESSION_KEY] == []


def test_inputs_that_wait_for_a_review_are_forgotten_when_they_are_paid_without_one(
    buyer: Client, typed: Form, settings: Settings
) -> None:
    review_of(buyer, TOP_UP, typed)
    settings.CONFIRM_FROM = 1_000_00
    assert buyer.post(TOP_UP, typed)["Location"] == reverse("predictions:transactions")
    assert buyer.session[SESSION_KEY] == []


@pytest.mark.parametrize(("address", "other"), [(NEW, COMPARE), (COMPARE, NEW), (NEW, TOP_UP), (TOP_UP, NEW)])
def test_the_inputs_of_one_page_are_not_in_another(
    buyer: Client, typed: Form, address: str, other: str
) -> None:
    review_of(buyer, address, typed)
    values = shown(buyer.get(f"{other}?form={typed['request_key']}"))
    assert values["request_key"] == typed["request_key"]
    assert not any(values.get(name) for name in ("loan_amnt", "label", "amount"))
