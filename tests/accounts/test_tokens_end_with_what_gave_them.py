"""Log-out, a changed password and withdrawn access end tokens at once: access tokens too, and for good."""

import getpass
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts import tokens
from accounts.models import User
from tests.support.html import Page
from tests.support.people import PASSWORD
from tests.support.tokens import is_alive, log_out, me, refresh

NEW = "another horse battery staple"
Event = Callable[[User, Client, pytest.MonkeyPatch], None]


def changes_password(user: User, _operator: Client, _patch: pytest.MonkeyPatch) -> None:
    client = logged_in(user)
    client.post(reverse("accounts:password"), {"old_password": PASSWORD, "new_password": NEW})


def operator_sets_password(user: User, operator: Client, _patch: pytest.MonkeyPatch) -> None:
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    form = {"password1": NEW, "password2": NEW, "usable_password": "true"}
    assert operator.post(address, form).status_code == 302


def operator_disables_password(user: User, operator: Client, _patch: pytest.MonkeyPatch) -> None:
    address = reverse("admin:auth_user_password_change", args=[user.pk])
    form = {"password1": "", "password2": "", "usable_password": "false", "unset-password": "1"}
    assert operator.post(address, form).status_code == 302


def command_sets_password(user: User, _operator: Client, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(getpass, "getpass", lambda prompt: NEW)
    call_command("changepassword", user.username)


def operator_deactivates(user: User, operator: Client, _patch: pytest.MonkeyPatch) -> None:
    edit(operator, user, is_active="")


def operator_demands_a_new_password(user: User, operator: Client, _patch: pytest.MonkeyPatch) -> None:
    edit(operator, user, must_change_password="on")


EVENTS: list[Event] = [
    changes_password,
    operator_sets_password,
    operator_disables_password,
    command_sets_password,
    operator_deactivates,
    operator_demands_a_new_password,
]


def edit(operator: Client, user: User, **changes: str) -> None:
    """Save the admin's form of this user with some fields changed; "" unticks a box."""
    address = reverse("admin:accounts_user_change", args=[user.pk])
    form = {
        element.attributes["name"]: element.attributes.get("value", "on")
        for element in Page(operator.get(address)).all("input")
        if element.attributes.get("type") != "checkbox" or "checked" in element.attributes
        if element.attributes.get("type") not in ("submit", "search") and "name" in element.attributes
    }
    filled = {name: value for name, value in (form | changes).items() if value or name not in changes}
    assert operator.post(address, filled).status_code == 302


def logged_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.parametrize("event", EVENTS)
def test_it_ends_tokens_and_sessions_for_good(
    alice: User, bob: User, operator: User, event: Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    pair, refreshed, bobs = tokens.issue(alice), tokens.issue(alice), tokens.issue(bob)
    session, admin = logged_in(alice), logged_in(operator)
    access = refresh(refreshed.refresh).json()["access"]
    assert me(access).status_code == 200
    event(alice, admin, monkeypatch)
    assert_ended(session, access, pair)
    # Access that is given back later does not revive them.
    User.objects.filter(pk=alice.pk).update(is_active=True, must_change_password=False)
    assert_ended(session, access, pair)
    assert is_alive(bobs)
    assert is_alive(tokens.issue(User.objects.get(pk=alice.pk)))


def assert_ended(session: Client, access: str, pair: tokens.TokenPair) -> None:
    assert me(access).status_code == me(pair.access).status_code == 401
    assert refresh(pair.refresh).status_code == 401
    assert session.get("/api/v1/me/").json()["code"] == "not_authenticated"
    assert session.get("/dashboard/")["Location"].startswith("/account/login/")


@pytest.mark.parametrize("state", [{"is_active": False}, {"must_change_password": True}])
def test_no_token_works_meanwhile_however_access_was_withdrawn(alice: User, state: dict[str, bool]) -> None:
    pair = tokens.issue(alice)
    User.objects.filter(pk=alice.pk).update(**state)
    for answer in (me(pair.access), refresh(pair.refresh)):
        assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")
    assert log_out(pair.refresh).status_code == 204


def test_the_tokens_of_a_deleted_user_are_refused(alice: User) -> None:
    pair = tokens.issue(alice)
    alice.delete()
    for answer in (me(pair.access), refresh(pair.refresh), log_out(pair.refresh)):
        assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")


def test_other_edits_of_an_operator_end_nothing(alice: User, operator: User) -> None:
    pair, session = tokens.issue(alice), logged_in(alice)
    edit(logged_in(operator), alice, first_name="Alice")
    assert User.objects.get(pk=alice.pk).first_name == "Alice"
    assert is_alive(pair)
    assert session.get("/dashboard/").status_code == 200


def test_log_out_ends_one_family_with_its_access_tokens(alice: User) -> None:
    pair, other = tokens.issue(alice), tokens.issue(alice)
    refreshed = refresh(pair.refresh).json()
    assert log_out(refreshed["refresh"]).status_code == 204
    for access in (pair.access, refreshed["access"]):
        answer = me(access)
        assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")
    assert refresh(refreshed["refresh"]).status_code == 401
    assert log_out(refreshed["refresh"]).status_code == 401
    assert is_alive(other)


def test_log_out_of_the_site_ends_the_session_alone(alice: User) -> None:
    pair, session = tokens.issue(alice), logged_in(alice)
    session.post(reverse("accounts:logout"))
    assert session.get("/dashboard/").status_code == 302
    assert is_alive(pair)
