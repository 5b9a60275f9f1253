"""Nothing is paid before the customer has seen what is large or unusual about it."""

from typing import Any
from urllib.parse import unquote

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.services import charge, wallet_of
from predictions.models import ScoringModel
from tests.support.addresses import MODELS
from tests.support.customers import Form
from tests.support.form_drafts import Browser, hidden, log_in, shown
from tests.support.html import Page
from tests.support.page_checks import assert_obeys, assert_usable
from tests.support.people import give_money
from tests.support.reviews import leads_to_review, press_pay

NEW, COMPARE = reverse("predictions:new"), reverse("predictions:comparison-new")
OLD = {"person_age": "95", "cb_person_cred_hist_length": "40"}
DEAR = {"model": "catboost"}


@pytest.fixture
def buyer(alices: Client, alice: User) -> Client:
    give_money(alice, 900_00)
    return alices


@pytest.fixture
def typed(form: Form) -> Form:
    return form | {"price": 128_00, "label": "Ivanov", "person_emp_length": "4.5"}


def charges() -> int:
    return Entry.objects.filter(kind=Entry.Kind.CHARGE).count()


def review_of(client: Client, address: str, form: Form) -> Any:
    answer = client.post(address, form)
    assert leads_to_review(answer)
    assert charges() == 0
    return client.get(answer["Location"])


def payment(answer: Any) -> str:
    return Page(answer).all("aside")[0].words.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("address", "changes", "reviewed"),
    [
        (NEW, {}, False),
        (NEW, {"model": "random-forest"}, True),
        (NEW, DEAR, True),
        (NEW, OLD, True),
        (NEW, {"loan_amnt": "60000"}, True),
        (NEW, {"loan_int_rate": "23.22"}, False),
        (NEW, {"loan_int_rate": "23.23"}, True),
        (COMPARE, {}, True),
        (COMPARE, OLD, True),
    ],
)
def test_what_is_reviewed(buyer: Client, typed: Form, address: str, changes: Form, reviewed: bool) -> None:
    answer = buyer.post(address, typed | changes)
    assert leads_to_review(answer) is reviewed
    assert (charges() == 0) is reviewed


@pytest.mark.parametrize(("limit", "reviewed"), [(0, True), (10_00, True), (10_01, False)])
def test_the_amount_is_a_setting(
    buyer: Client, typed: Form, settings: Settings, limit: int, reviewed: bool
) -> None:
    settings.CONFIRM_FROM = limit
    assert leads_to_review(buyer.post(NEW, typed)) is reviewed


@pytest.mark.parametrize(
    ("address", "text"),
    [
        (f"{NEW}?model=logistic-regression", "Pay and get the probability"),
        (f"{NEW}?model=catboost", "Continue"),
        (COMPARE, "Continue"),
    ],
)
def test_a_button_that_leads_to_a_review_does_not_say_that_it_pays(
    buyer: Client, address: str, text: str
) -> None:
    page = Page(buyer.get(address, follow=True))
    assert [button.words for button in page.all("button") if "data-pay" in button.attributes] == [text]
    radios = {radio.attributes["value"]: radio.attributes for radio in page.all("input", name="model")}
    texts = {slug: told.get("data-text") for slug, told in radios.items()}
    assert texts in ({}, {MODELS[0]: None} | dict.fromkeys(MODELS[1:], "Continue"))


def test_the_default_is_that_of_the_readme(settings: Settings) -> None:
    assert settings.CONFIRM_FROM == 50_00


def test_unusual_values_of_a_comparison_are_reviewed_at_any_price(
    buyer: Client, typed: Form, settings: Settings
) -> None:
    settings.CONFIRM_FROM = 1_000_00
    assert leads_to_review(buyer.post(COMPARE, typed | OLD))


@pytest.mark.parametrize(
    ("address", "model", "price", "after"),
    [(NEW, "ModelCatBoost", "100.00", "900.00"), (COMPARE, "CatBoost80.00 USD", "128.00", "872.00")],
)
def test_the_review_names_models_values_price_and_balance_and_then_pays_once(
    buyer: Client, alice: User, typed: Form, address: str, model: str, price: str, after: str
) -> None:
    review = review_of(buyer, address, typed | DEAR)
    assert f"Price{price} USD" in payment(review)
    assert f"Balance after{after} USD" in payment(review)
    assert model in payment(review)
    assert f"Pay {price} USD" in payment(review)
    text = Page(review).all("section", class_="panel stack")[0].words.replace("\u00a0", " ")
    assert "Ivanov" in text
    assert "4.5 years" in text
    assert_usable(review)
    assert_obeys(review)
    first, second = press_pay(buyer, review), press_pay(buyer, review)
    assert first["Location"] == second["Location"]
    assert wallet_of(alice).balance == int(float(after) * 100)


@pytest.mark.parametrize("address", [NEW, COMPARE])
def test_warnings_stand_beside_the_values_and_at_the_price(buyer: Client, typed: Form, address: str) -> None:
    review = review_of(buyer, address, typed | OLD)
    warning = "Age: the models were trained on 20–80."
    assert warning in payment(review)
    assert len([beside for beside in Page(review).all("p", class_="caution") if beside.words]) == 2
    edited = buyer.get(Page(review).all("form", autocomplete="off")[0].attributes["action"])
    assert warning in Page(edited).by_id("id_person_age_caution").words
    assert "id_person_age_caution" in Page(edited).by_id("id_person_age").attributes["aria-describedby"]
    assert warning in payment(edited)
    assert not Page(edited).by_id("id_loan_amnt_caution").words
    assert_usable(edited)


def test_a_share_that_follows_from_two_fields_is_warned_about(buyer: Client, typed: Form) -> None:
    review = review_of(buyer, NEW, typed | {"loan_amnt": "9000", "person_income": "10000"})
    assert "Loan to yearly income: the models were trained on 0%–83%." in payment(review)


def test_a_form_with_errors_shows_the_warnings_of_the_other_fields(buyer: Client, typed: Form) -> None:
    page = Page(buyer.post(NEW, typed | OLD | {"loan_amnt": "many"}))
    assert page.by_id("id_person_age_caution").words
    assert not page.by_id("id_loan_amnt_caution").words


def test_a_form_that_is_filled_with_an_earlier_application_warns_at_once(buyer: Client, typed: Form) -> None:
    first = press_pay(buyer, review_of(buyer, NEW, typed | OLD))
    pk = first["Location"].rstrip("/").split("/")[-1]
    page = Page(buyer.get(f"{NEW}?from={pk}", follow=True))
    assert page.by_id("id_person_age_caution").words


def test_a_price_that_rises_after_the_review_is_shown_first(buyer: Client, alice: User, typed: Form) -> None:
    review = review_of(buyer, NEW, typed | DEAR)
    ScoringModel.objects.filter(slug="catboost").update(price=120_00)
    answer = press_pay(buyer, review)
    assert (answer.status_code, charges()) == (409, 0)
    assert "120.00" in Page(answer).by_id("id_model_error").words
    again = buyer.post(NEW, {**shown(answer), "reviewed": shown(review)["reviewed"]})
    assert leads_to_review(again)
    press_pay(buyer, buyer.get(again["Location"]))
    assert wallet_of(alice).balance == 880_00


def test_a_reload_of_the_review_shows_it_again_and_pays_nothing(buyer: Client, typed: Form) -> None:
    address = buyer.post(NEW, typed | DEAR)["Location"]
    assert shown(buyer.get(address))["reviewed"] == shown(buyer.get(address))["reviewed"]
    assert charges() == 0
    press_pay(buyer, buyer.get(address))
    assert "You have already paid for this application" in Page(buyer.get(address)).all("h1")[0].words


@pytest.mark.parametrize("address", [NEW, COMPARE])
def test_the_way_back_has_everything_that_was_typed(buyer: Client, typed: Form, address: str) -> None:
    review = review_of(buyer, address, typed | DEAR)
    back = next(link for link in Page(review).links if link.startswith(f"{address}?form="))
    values = shown(buyer.get(back))
    names = set(values) & set(typed)
    assert {name: values[name].replace(",", "") for name in names} == {
        name: str(typed[name]) for name in names
    } | (DEAR if address == NEW else {})


def test_too_little_money_is_told_in_the_review_and_another_top_up_leads_back(
    client: Client, alice: User, catalog: None, typed: Form
) -> None:
    client.force_login(alice)
    review = review_of(client, NEW, typed | DEAR)
    assert "Insufficient funds" in payment(review)
    top_up = next(link for link in Page(review).links if link.startswith(f"{reverse('billing:top-up')}?"))
    assert "review=1" in unquote(top_up)
    values = shown(client.get(Page(review).all("form", class_="order")[0].attributes["action"]))
    assert (values["loan_amnt"], values["label"], values["model"]) == ("9,000", "Ivanov", "catboost")


def test_money_that_is_spent_during_the_review_is_told_there(buyer: Client, alice: User, typed: Form) -> None:
    address = buyer.post(NEW, typed | DEAR)["Location"]
    review = buyer.get(address)
    with transaction.atomic():
        charge(user=alice, amount=950_00, request_key="elsewhere")
    later = buyer.get(address)
    assert "Insufficient funds" in payment(later)
    assert "Top up 50.00 USD and pay" in payment(later)
    assert press_pay(buyer, review).status_code == 402
    assert charges() == 1


def test_a_session_that_ends_during_the_review_loses_nothing(
    ended: Browser, alice: User, typed: Form
) -> None:
    give_money(alice, 900_00)
    review = review_of(ended.client, NEW, typed | DEAR)
    ended.client.session.flush()
    answer = press_pay(ended.client, review)
    assert answer.status_code == 403
    assert hidden(answer)["next"].startswith(f"{NEW}?form=")
    values = shown(ended.get(log_in(ended, answer)["Location"]))
    assert (values["loan_amnt"], values["label"], values["model"]) == ("9,000", "Ivanov", "catboost")
    assert charges() == 0


@pytest.mark.parametrize("address", [NEW, COMPARE])
def test_a_review_of_nothing_leads_to_the_form(buyer: Client, address: str) -> None:
    answer = buyer.get(f"{address}?form=7b0b0a3e-2b52-4a44-8a60-7a0f6c0a1f10&review=1")
    assert answer["Location"] == f"{address}?form=7b0b0a3e-2b52-4a44-8a60-7a0f6c0a1f10"


def test_many_forms_can_be_under_review_and_the_oldest_is_dropped(buyer: Client, typed: Form) -> None:
    addresses = []
    for number in range(11):
        key = f"7b0b0a3e-2b52-4a44-8a60-{number:012}"
        addresses.append(buyer.post(NEW, typed | DEAR | {"request_key": key})["Location"])
    answers = [buyer.get(address).status_code for address in addresses]
    assert answers == [302, *[200] * 10]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_it_is_readable_in_both_languages(buyer: Client, typed: Form, language: str) -> None:
    address = buyer.post(NEW, typed | DEAR | OLD)["Location"]
    answer = buyer.get(address, headers={"Accept-Language": language})
    assert_usable(answer)
    button = next(button.words for button in Page(answer).all("button") if "100" in button.words)
    assert button.startswith({"en": "Pay", "ru": "Оплатить"}[language])
