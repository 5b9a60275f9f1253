"""Without JavaScript: what a form sends after its session has ended is there again after the log-in."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import signing
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import form_drafts
from accounts.models import User
from accounts.throttling import LOGIN_FAILURES
from billing.models import Entry
from billing.services import new_request_key, wallet_of
from predictions.models import Prediction
from predictions.orders.comparisons import order_comparison
from predictions.scoring.schema import Applicant
from predictions.site.forms.applicant import TYPED
from tests.support.customers import Form
from tests.support.html import Page
from tests.support.orders import Bought
from tests.support.page_checks import assert_obeys, assert_usable
from tests.support.people import PASSWORD, give_money

NEW, COMPARE, TOP_UP = (
    reverse("predictions:new"),
    reverse("predictions:comparison-new"),
    reverse("billing:top-up"),
)
LOGIN, REGISTER = reverse("accounts:login"), reverse("accounts:register")
GOOD = {"username": "alice", "password": PASSWORD}
FACTS = [*TYPED]


class Browser:
    """Alice's browser. What it opened before the session ended can still be sent."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.get, self.post = client.get, client.post

    def send(self, page: str, typed: Mapping[str, object], to: str = "") -> Any:
        """Open `page`, let the session end on the server, and send the form that takes `typed`."""
        tokens = {
            frozenset(signing.loads(field.attributes["value"], salt=form_drafts.FORM_SALT)[2]): field
            for field in Page(self.get(page)).all("input", name=form_drafts.FORM_INPUT)
        }
        names = next(names for names in tokens if names & set(typed) or not (names or typed))
        self.client.session.flush()
        return self.post(to or page, {**typed, form_drafts.FORM_INPUT: tokens[names].attributes["value"]})


@pytest.fixture
def ended(alices: Client) -> Browser:
    return Browser(alices)


def hidden(answer: Any) -> dict[str, str]:
    """What the form of the page carries besides what people type."""
    page = Page(answer)
    return {
        name: page.all("input", name=name)[-1].attributes["value"]
        for name in ("next", form_drafts.LOGIN_INPUT)
    }


def log_in(browser: Browser, answer: Any, **changes: str) -> Any:
    return browser.post(LOGIN, {**GOOD, **hidden(answer), **changes})


def shown(answer: Any) -> dict[str, str]:
    """The values that the page's inputs and lists show."""
    page = Page(answer)
    values = {
        field.attributes["name"]: field.attributes.get("value", "")
        for field in page.all("input")
        if field.attributes.get("type") != "radio" and "name" in field.attributes
    }
    values |= {
        radio.attributes["name"]: radio.attributes["value"]
        for radio in page.all("input", type="radio")
        if "checked" in radio.attributes
    }
    # The selected option is the last one that was opened inside of its list.
    name = ""
    for element in page.elements:
        if element.tag == "select":
            name = element.attributes["name"]
        elif element.tag == "option" and "selected" in element.attributes:
            values[name] = element.attributes["value"]
    return values


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


@pytest.mark.parametrize("address", [NEW, f"{NEW}?example=1", f"{NEW}?model=catboost"])
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
    }
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
    assert shown(ended.get(NEW))["loan_amnt"] == "4321"
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
    assert {name: values[name] for name in FACTS} == {
        name: (form | {"loan_amnt": "4321"})[name] for name in FACTS
    }
    assert values["price"] != "1"


def test_a_top_up_comes_back_and_still_leads_to_the_order(ended: Browser, alice: User) -> None:
    address = f"{TOP_UP}?next={NEW}"
    sent = {"amount": "12,5x", "request_key": new_request_key(), "next": NEW}
    assert log_in(ended, ended.send(address, sent))["Location"] == address
    answer = ended.get(address)
    assert shown(answer)["amount"] == "12,5x"
    assert shown(answer)["next"] == NEW
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


def test_a_label_of_a_comparison_comes_back(
    ended: Browser, alice: User, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, 500_00)
    comparison = order_comparison(user=alice, applicant=applicant, request_key=new_request_key())
    page = reverse("predictions:comparison", args=[comparison.pk])
    to = reverse("predictions:comparison-label", args=[comparison.pk])
    assert log_in(ended, ended.send(page, {"label": "Ivanov, flat"}, to=to))["Location"] == page
    assert shown(ended.get(page))["label"] == "Ivanov, flat"


def test_it_is_not_shown_to_somebody_else(ended: Browser, bob: User, form: Form) -> None:
    """Whoever logs in on the page that another user's session has left behind."""
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
    assert shown(ended.get(NEW))["loan_amnt"] == "4321"


def test_too_many_attempts_lose_nothing(ended: Browser, form: Form) -> None:
    answer = ended.send(NEW, form | {"loan_amnt": "4321"})
    statuses = []
    for _ in range(2 * LOGIN_FAILURES.attempts + 1):
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
    password = ended.get(NEW)["Location"]
    answer = ended.post(password, {"old_password": PASSWORD, "new_password": "kettle-ocean-42"})
    assert answer["Location"] == NEW
    assert shown(ended.get(NEW))["loan_amnt"] == "4321"


def of_another_service(kept: dict[str, Any]) -> str:
    return signing.dumps(kept, key="another key", salt=form_drafts.LOGIN_SALT, compress=True)


@pytest.mark.parametrize("kind", ["tampered", "foreign", "other salt", "oversized", "nonsense", "old"])
def test_a_bad_token_is_ignored_calmly(
    ended: Browser, alice: User, form: Form, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = ended.send(NEW, form | {"loan_amnt": "4321"})
    token = hidden(answer)[form_drafts.LOGIN_INPUT]
    kept = {"owner": str(alice.pk), "address": NEW, "inputs": {"loan_amnt": "4321"}}
    bad = {
        "tampered": token[:-1] + ("a" if token[-1] != "a" else "b"),
        "foreign": of_another_service(kept),
        "other salt": signing.dumps(kept, salt="another", compress=True),
        "oversized": "x" * 1_000_000,
        "nonsense": "\x00:::" * 9,
        "old": token,
    }[kind]
    if kind == "old":
        late = (timezone.now() + form_drafts.MAX_AGE + timedelta(minutes=1)).timestamp()
        monkeypatch.setattr("django.core.signing.time.time", lambda: late)
    wrong = ended.post(LOGIN, GOOD | {"password": "wrong", "next": NEW, form_drafts.LOGIN_INPUT: bad})
    assert wrong.status_code == 422
    assert not Page(wrong).all("input", name=form_drafts.LOGIN_INPUT)
    back = ended.post(LOGIN, GOOD | {"next": NEW, form_drafts.LOGIN_INPUT: bad})
    assert back["Location"] == NEW
    monkeypatch.undo()
    assert shown(ended.get(NEW))["loan_amnt"] == ""


def test_a_token_serves_the_page_it_was_made_for_alone(ended: Browser, form: Form) -> None:
    answer = ended.send(NEW, form | {"loan_amnt": "4321"})
    assert log_in(ended, answer, next=COMPARE)["Location"] == COMPARE
    for address in (COMPARE, NEW):
        assert shown(ended.get(address))["loan_amnt"] == ""


def test_what_nobody_can_have_typed_is_not_carried_about(ended: Browser, form: Form) -> None:
    answer = ended.send(NEW, form | {"loan_amnt": "9" * 100_000})
    assert answer.status_code == 403
    assert not Page(answer).all("input", name=form_drafts.LOGIN_INPUT)
    assert "what you entered" not in answer.content.decode()
    assert "Nothing was charged" in answer.content.decode()


def test_keys_and_secrets_are_never_in_the_token(ended: Browser, form: Form) -> None:
    sent = form | {"csrfmiddlewaretoken": "secret", "something": "else", "label": "Ivanov"}
    token = hidden(ended.send(NEW, sent))[form_drafts.LOGIN_INPUT]
    kept = signing.loads(token, salt=form_drafts.LOGIN_SALT)["inputs"]
    assert set(kept) == {*TYPED, "model", "label"}


def test_strangers_leave_nothing_behind(ended: Browser, form: Form) -> None:
    ended.send(NEW, form)
    assert not Session.objects.exists()


@pytest.mark.parametrize("token", ["", "nonsense", "\x00:::", "x" * 1_000_000])
def test_a_form_without_a_good_token_leads_to_the_log_in(ended: Browser, form: Form, token: str) -> None:
    ended.client.session.flush()
    answer = ended.post(NEW, form | {form_drafts.FORM_INPUT: token})
    assert answer.status_code == 302
    assert answer["Location"].startswith(LOGIN)


# --- A log-in in another tab renews the key of forms that are open -----------------------------

OWN = {"Origin": "http://testserver", "Referer": f"http://testserver{NEW}?model=catboost"}


@pytest.fixture
def strict(alice: User, catalog: None) -> Client:
    """A browser whose forms' keys are checked."""
    return Client(enforce_csrf_checks=True)


def key_of(answer: Any) -> str:
    return Page(answer).value_of("csrfmiddlewaretoken")


def sign_in(browser: Client) -> dict[str, str]:
    """Log in as the first tab does; the hidden inputs of an order form that is then open."""
    key = key_of(browser.get(LOGIN))
    assert browser.post(LOGIN, GOOD | {"csrfmiddlewaretoken": key}).status_code == 302
    page = Page(browser.get(NEW))
    return {name: page.value_of(name) for name in ("csrfmiddlewaretoken", form_drafts.FORM_INPUT)}


def again_in_another_tab(browser: Client) -> None:
    key = key_of(browser.get(NEW))
    browser.post(reverse("accounts:logout"), {"csrfmiddlewaretoken": key})
    sign_in(browser)


def test_an_old_key_is_told_and_what_was_typed_is_kept(strict: Client, form: Form) -> None:
    old = sign_in(strict)
    again_in_another_tab(strict)
    sent = form | {"loan_amnt": "4321"} | old
    answer = strict.post(NEW, sent, headers=OWN)
    assert answer.status_code == 403
    assert "what you entered is saved" in answer.content.decode()
    assert NEW in [link.attributes["href"] for link in Page(answer).all("a", class_="button")]
    assert not Prediction.objects.exists()
    assert shown(strict.get(NEW))["loan_amnt"] == "4321"


@pytest.mark.parametrize("origin", [None, "https://evil.example.org", "null", "http://testserver:81"])
def test_another_sites_values_never_get_into_our_form(strict: Client, form: Form, origin: str | None) -> None:
    open_form = sign_in(strict)
    headers = {"Origin": origin} if origin else {}
    sent = form | {"loan_amnt": "4321"} | open_form | {"csrfmiddlewaretoken": ""}
    answer = strict.post(NEW, sent, headers=headers)
    assert answer.status_code == 403
    assert "The form has expired" in answer.content.decode()
    assert "is saved" not in answer.content.decode()
    assert shown(strict.get(NEW))["loan_amnt"] == ""


def test_a_log_in_page_that_another_log_in_has_overtaken_still_brings_it(strict: Client, form: Form) -> None:
    """The session ends, one tab keeps the form in its log-in page, another tab logs in first."""
    open_form = sign_in(strict)
    strict.session.flush()
    first = strict.post(NEW, form | {"loan_amnt": "4321"} | open_form, headers=OWN)
    kept = hidden(first) | {"csrfmiddlewaretoken": key_of(first)}
    sign_in(strict)
    answer = strict.post(LOGIN, GOOD | kept, headers=OWN)
    assert answer.status_code == 403
    assert NEW in [link.attributes["href"] for link in Page(answer).all("a", class_="button")]
    assert shown(strict.get(NEW))["loan_amnt"] == "4321"


def test_without_any_cookie_left_the_log_in_page_keeps_it(strict: Client, form: Form) -> None:
    open_form = sign_in(strict)
    strict.cookies.clear()
    sent = form | {"loan_amnt": "4321"} | open_form
    answer = strict.post(NEW, sent, headers=OWN)
    assert answer.status_code == 403
    assert "what you entered is saved" in answer.content.decode()
    back = strict.post(LOGIN, GOOD | hidden(answer) | {"csrfmiddlewaretoken": key_of(answer)}, headers=OWN)
    assert back["Location"] == NEW
    assert shown(strict.get(NEW))["loan_amnt"] == "4321"
