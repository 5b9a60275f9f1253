"""Form draft tokens are signed. Foreign tokens, and tokens for another purpose, are ignored."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.utils import timezone

from accounts import form_drafts
from accounts.models import AccountSession as Session
from accounts.models import User
from predictions.site.forms.applicant import TYPED
from tests.support.customers import Form
from tests.support.form_drafts import (
    COMPARE,
    GOOD,
    LOGIN,
    NEW,
    Browser,
    hidden,
    log_in,
    shown,
)
from tests.support.html import Page


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
        "oversized": "x" * 900_000,
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


@pytest.mark.parametrize(("excess", "kept"), [(0, 1), (1, 0)])
def test_inputs_are_kept_up_to_the_limit(ended: Browser, form: Form, excess: int, kept: int) -> None:
    others = sum(len(str(form[name])) for name in {*TYPED, "model", "label"} & set(form) - {"loan_amnt"})
    amount = "9" * (form_drafts.MAX_INPUTS_LENGTH - others + excess)
    answer = ended.send(NEW, form | {"loan_amnt": amount})
    assert len(Page(answer).all("input", name=form_drafts.LOGIN_INPUT)) == kept


def test_keys_and_secrets_are_never_in_the_token(ended: Browser, form: Form) -> None:
    sent = form | {"csrfmiddlewaretoken": "secret", "something": "else", "label": "Ivanov"}
    token = hidden(ended.send(NEW, sent))[form_drafts.LOGIN_INPUT]
    kept = signing.loads(token, salt=form_drafts.LOGIN_SALT)["inputs"]
    assert set(kept) == {*TYPED, "model", "label"}


def test_strangers_leave_nothing_behind(ended: Browser, form: Form) -> None:
    ended.send(NEW, form)
    assert not Session.objects.exists()


@pytest.mark.parametrize("token", ["", "nonsense", "\x00:::", "x" * 900_000])
def test_a_form_without_a_good_token_leads_to_the_log_in(ended: Browser, form: Form, token: str) -> None:
    ended.client.session.flush()
    answer = ended.post(NEW, form | {form_drafts.FORM_INPUT: token})
    assert answer.status_code == 302
    assert answer["Location"].startswith(LOGIN)
