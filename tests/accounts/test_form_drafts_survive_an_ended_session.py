"""Without JavaScript: inputs sent after the session has ended are restored after the login."""

from collections.abc import Mapping

import pytest
from django.urls import reverse

from accounts import form_drafts
from accounts.attempts.limits import OF_CLIENT
from accounts.models import User
from billing.models import Entry
from billing.services import new_request_key, wallet_of
from predictions.models import Comparison, Prediction
from predictions.orders.comparisons import order_comparison
from predictions.scoring.schema import Applicant
from predictions.site.forms.applicant import TYPED
from tests.support.clock import Forward
from tests.support.customers import Form
from tests.support.form_drafts import (
    COMPARE,
    GOOD,
    LOGIN,
    NEW,
    REGISTER,
    TOP_UP,
    Browser,
    hidden,
    log_in,
    shown,
)
from tests.support.html import HTMX, Page
from tests.support.orders import Bought
from tests.support.page_checks import assert_obeys, assert_usable
from tests.support.people import PASSWORD, give_money

FACTS = [*TYPED]


@pytest.mark.parametrize(
    ("language", "text"), [("en", "what you entered is saved"), ("ru", "введённое сохранено")]
)
def test_the_log_in_page_comes_at_once_and_promises_it(
    ended: Browser, form: Form, language: str, text: str
) -> None:
    ended.client.defaults["HTTP_ACCEPT_LANGUAGE"] = language
    answer = ended.send(NEW, form)
    assert answer.status_code == 403
    assert "no-store" in answer["Cache-Control"]
    assert text in Page(answer).all("p", role="alert")[0].words
    assert Page(answer).all("form", action=LOGIN)
    assert_usable(answer)
    assert_obeys(answer)


@pytest.mark.parametrize("address", [NEW, f"{NEW}&example=1", f"{NEW}&model=catboost"])
def test_an_order_comes_back_as_it_was_typed_and_nothing_is_ordered(
    ended: Browser, alice: User, form: Form, address: str
) -> None:
    typed = form | {
        "model": "random-forest",
        "person_income": "68 000,5 dollars",
        "person_age": "<b>7</b>",
        "loan_grade": "C",
    }
    back = log_in(ended, ended.send(address, typed))
    assert back["Location"] == address
    answer = ended.get(address)
    assert answer.status_code == 200
    values = shown(answer)
    assert {name: values[name] for name in (*FACTS, "model")} == {
        name: typed[name] for name in (*FACTS, "model")
    } | {"loan_amnt": "9,000"}
    assert "We restored what you entered earlier" in Page(answer).all("p", class_="notice restored")[0].words
    assert "hidden" not in Page(answer).all("p", class_="notice restored")[0].attributes
    assert "data-restore" not in Page(answer).all("form", method="post", class_="order")[0].attributes
    assert values["request_key"] != str(form["request_key"])
    assert not Prediction.objects.exists()
    assert wallet_of(alice).balance == 100_00
    assert_usable(answer)


def test_it_can_then_be_ordered_once(ended: Browser, alice: User, form: Form) -> None:
    log_in(ended, ended.send(NEW, form))
    values = shown(ended.get(NEW))
    assert ended.post(NEW, values).status_code == 302
    assert ended.post(NEW, values).status_code == 302
    assert Entry.objects.filter(wallet__user=alice, kind="charge").count() == 1


def test_it_is_shown_once(ended: Browser, form: Form) -> None:
    log_in(ended, ended.send(NEW, form | {"loan_amnt": "4321"}))
    assert shown(ended.get(COMPARE))["loan_amnt"] == "", "another form's page does not take it"
    assert shown(ended.get(NEW))["loan_amnt"] == "4,321"
    again = ended.get(NEW)
    assert shown(again)["loan_amnt"] == ""
    assert "hidden" in Page(again).all("p", class_="notice restored")[0].attributes


def test_who_asks_for_another_form_gets_that(ended: Browser, form: Form, bought: Bought) -> None:
    other = bought(person_age=51)
    log_in(ended, ended.send(NEW, form | {"person_age": "33"}))
    assert shown(ended.get(NEW, {"from": str(other.pk)}))["person_age"] == "51"
    assert shown(ended.get(NEW))["person_age"] == ""


def test_a_model_that_is_gone_is_not_replaced_by_another(ended: Browser, form: Form) -> None:
    log_in(ended, ended.send(NEW, form | {"model": "nonsense"}))
    assert "model" not in shown(ended.get(NEW))


def test_a_comparison_comes_back(ended: Browser, form: Form) -> None:
    log_in(ended, ended.send(COMPARE, form | {"loan_amnt": "4321", "price": "1"}))
    values = shown(ended.get(COMPARE))
    assert {name: values[name] for name in FACTS} == {name: form[name] for name in FACTS} | {
        "loan_amnt": "4,321",
        "person_income": "68,000",
    }
    assert values["price"] != "1"


def test_a_top_up_comes_back_and_still_leads_to_the_order(ended: Browser, alice: User) -> None:
    order = reverse("predictions:new")
    address = f"{TOP_UP}&next={order}"
    sent = {"amount": "12,5x", "request_key": new_request_key(), "next": order}
    assert log_in(ended, ended.send(address, sent))["Location"] == address
    answer = ended.get(address)
    assert shown(answer)["amount"] == "12,5x"
    assert shown(answer)["next"] == order
    assert "We restored what you entered earlier" in answer.content.decode()
    assert wallet_of(alice).balance == 100_00


@pytest.mark.parametrize(
    ("part", "sent"),
    [
        ("what-if", {"loan_amnt": "1234"}),
        ("loan-reduction", {"goal": "97"}),
        ("label", {"label": "Ivanov, flat"}),
        ("verification", {}),
        ("cancel", {}),
    ],
)
def test_forms_of_a_result_lead_back_to_its_page(
    ended: Browser, bought: Bought, part: str, sent: Mapping[str, str]
) -> None:
    prediction = bought(run=part != "cancel")
    page = reverse("predictions:detail", args=[prediction.pk])
    first = ended.send(page, sent, to=reverse(f"predictions:{part}", args=[prediction.pk]))
    assert first.status_code == 403
    back = log_in(ended, first) if sent else ended.post(LOGIN, {**GOOD, "next": page})
    assert back["Location"] == page
    answer = ended.get(page)
    assert prediction.artifact_sha256 in answer.content.decode(), "the page of the result"
    for name, value in sent.items():
        assert shown(answer)[name] == value
    prediction.refresh_from_db()
    assert prediction.status == ("queued" if part == "cancel" else "succeeded")
    assert prediction.label == ""


@pytest.fixture
def compared(alice: User, applicant: Applicant, catalog: None) -> Comparison:
    give_money(alice, 500_00)
    return order_comparison(user=alice, applicant=applicant, request_key=new_request_key())


def send_label(ended: Browser, compared: Comparison) -> str:
    """Send a label after the session has ended, log in, and return the page of the comparison."""
    page = reverse("predictions:comparison", args=[compared.pk])
    to = reverse("predictions:comparison-label", args=[compared.pk])
    assert log_in(ended, ended.send(page, {"label": "Ivanov, flat"}, to=to))["Location"] == page
    return page


def test_a_label_of_a_comparison_comes_back(ended: Browser, compared: Comparison) -> None:
    page = send_label(ended, compared)
    assert shown(ended.get(page))["label"] == "Ivanov, flat"


def test_a_poll_of_another_tab_leaves_the_draft(ended: Browser, bought: Bought) -> None:
    prediction = bought()
    page = reverse("predictions:detail", args=[prediction.pk])
    to = reverse("predictions:label", args=[prediction.pk])
    log_in(ended, ended.send(page, {"label": "Ivanov, flat"}, to=to))
    assert ended.get(page, {"seen": "queued"}, headers=HTMX).status_code == 200
    assert shown(ended.get(page))["label"] == "Ivanov, flat"


def test_a_poll_of_a_comparison_in_another_tab_leaves_the_draft(ended: Browser, compared: Comparison) -> None:
    page = send_label(ended, compared)
    assert ended.get(page, {"seen": "other"}, headers=HTMX).status_code == 200
    assert shown(ended.get(page))["label"] == "Ivanov, flat"


def test_it_is_not_shown_to_somebody_else(ended: Browser, bob: User, form: Form) -> None:
    """A user who logs in on a page that another user's session has left open."""
    first = ended.send(NEW, form | {"loan_amnt": "4321"})
    back = ended.post(LOGIN, {**GOOD, **hidden(first), "username": "bob"})
    assert back["Location"] == NEW
    assert shown(ended.get(NEW))["loan_amnt"] == ""
    assert form_drafts.SESSION_KEY not in ended.client.session


def test_a_part_that_htmx_asks_for_goes_to_the_log_in_as_before(ended: Browser, bought: Bought) -> None:
    address = reverse("predictions:what-if", args=[bought().pk])
    ended.client.session.flush()
    answer = ended.post(address, {"loan_amnt": "1"}, headers={"HX-Request": "true"})
    assert answer.status_code == 302
    assert answer["Location"].startswith(LOGIN)


def test_a_wrong_password_loses_nothing(ended: Browser, form: Form) -> None:
    first = ended.send(NEW, form | {"loan_amnt": "4321"})
    wrong = log_in(ended, first, password="wrong")
    assert wrong.status_code == 422
    assert "what you entered is saved" in wrong.content.decode()
    log_in(ended, wrong)
    assert shown(ended.get(NEW))["loan_amnt"] == "4,321"


def test_too_many_attempts_lose_nothing(ended: Browser, form: Form, forward: Forward) -> None:
    answer = ended.send(NEW, form | {"loan_amnt": "4321"})
    statuses = []
    for _ in range(OF_CLIENT.size + 1):
        answer = log_in(ended, answer, password="wrong")
        statuses.append(answer.status_code)
    assert statuses[-1] == 429
    assert form_drafts.LOGIN_INPUT in hidden(answer)


def test_a_new_customer_starts_with_an_empty_form(ended: Browser, form: Form) -> None:
    """What was typed belongs to another account."""
    first = ended.send(NEW, form | {"loan_amnt": "4321"})
    carol = {"username": "carol", "email": "carol@example.org", "password": "kettle-ocean-42"}
    assert ended.post(REGISTER, carol | hidden(first))["Location"] == NEW
    assert shown(ended.get(NEW))["loan_amnt"] == ""


def test_a_one_time_password_is_changed_first_and_then_it_is_there(
    ended: Browser, alice: User, form: Form
) -> None:
    first = ended.send(NEW, form | {"loan_amnt": "4321"})
    User.objects.update(must_change_password=True)
    log_in(ended, first)
    password = ended.client.get(NEW)["Location"]
    answer = ended.post(password, {"old_password": PASSWORD, "new_password": "kettle-ocean-42"})
    assert answer["Location"] == NEW
    assert shown(ended.get(NEW))["loan_amnt"] == "4,321"
