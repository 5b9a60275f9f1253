"""A login in another tab changes the CSRF token of open forms."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import form_drafts
from accounts.models import User
from predictions.models import Prediction
from tests.support.customers import Form
from tests.support.form_drafts import (
    GOOD,
    LOGIN,
    NEW,
    hidden,
    shown,
)
from tests.support.html import Page

OWN = {"Origin": "http://testserver", "Referer": f"http://testserver{NEW}&model=catboost"}


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
    assert "your entries are saved" in answer.content.decode()
    assert NEW in [link.attributes["href"] for link in Page(answer).all("a", class_="button")]
    assert not Prediction.objects.exists()
    assert shown(strict.get(NEW))["loan_amnt"] == "4,321"


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
    assert shown(strict.get(NEW))["loan_amnt"] == "4,321"


def test_without_any_cookie_left_the_log_in_page_keeps_it(strict: Client, form: Form) -> None:
    open_form = sign_in(strict)
    strict.cookies.clear()
    sent = form | {"loan_amnt": "4321"} | open_form
    answer = strict.post(NEW, sent, headers=OWN)
    assert answer.status_code == 403
    assert "what you entered is saved" in answer.content.decode()
    back = strict.post(LOGIN, GOOD | hidden(answer) | {"csrfmiddlewaretoken": key_of(answer)}, headers=OWN)
    assert back["Location"] == NEW
    assert shown(strict.get(NEW))["loan_amnt"] == "4,321"
