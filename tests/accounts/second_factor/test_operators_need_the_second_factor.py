"""The admin opens for operators who log in with a code, where that is required."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.core import checks
from django.test import Client
from django.urls import NoReverseMatch, reverse

from accounts.models import User
from accounts.second_factor import services
from tests.support.people import PASSWORD
from tests.support.second_factor import app_code, turn_on

ADMIN, USERS = reverse("admin:index"), reverse("admin:accounts_user_changelist")
PAGE = reverse("accounts:second-factor")


@pytest.fixture
def required(settings: object) -> None:
    settings.OPERATOR_SECOND_FACTOR = True  # type: ignore[attr-defined]


def test_without_it_they_are_led_to_the_set_up(
    client: Client, operator: User, required: None, catalog: None
) -> None:
    client.force_login(operator)
    for address in (ADMIN, USERS, reverse("admin:jsi18n")):
        assert client.get(address)["Location"] == PAGE
        assert client.post(address)["Location"] == PAGE
    assert client.get(PAGE).status_code == 200


def test_with_it_the_admin_opens(client: Client, operator: User, required: None) -> None:
    turn_on(operator)
    client.force_login(operator)
    assert client.get(ADMIN).status_code == 200


def test_the_log_in_of_the_admin_asks_for_the_code(client: Client, operator: User, required: None) -> None:
    turn_on(operator)
    sent = {"username": "operator", "password": PASSWORD, "this_is_the_login_form": "1"}
    answer = client.post(f"/admin/login/?next={ADMIN}", sent)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("accounts:login"))
    client.post(reverse("accounts:login"), sent | {"next": ADMIN})
    assert client.get(ADMIN).status_code == 302


def test_where_it_is_not_required_the_admin_opens_without(client: Client, operator: User) -> None:
    client.force_login(operator)
    assert client.get(ADMIN).status_code == 200


def test_a_check_tells_of_production_without_it(settings: object) -> None:
    settings.PRODUCTION, settings.OPERATOR_SECOND_FACTOR = True, False  # type: ignore[attr-defined]
    found = [found.id for found in checks.run_checks(include_deployment_checks=True)]
    assert "accounts.W001" in found


def test_operators_turn_off_that_of_a_customer_and_it_is_logged(
    client: Client, alice: User, operator: User
) -> None:
    turn_on(alice)
    client.force_login(operator)
    sent = {"action": "reset_second_factor", "_selected_action": [str(alice.pk)]}
    client.post(USERS, sent)
    assert not services.is_on(alice)
    assert LogEntry.objects.get().object_id == str(alice.pk)


def test_only_a_superuser_turns_off_that_of_an_operator(
    client: Client, alice: User, bob: User, operator: User
) -> None:
    turn_on(operator)
    User.objects.filter(pk=bob.pk).update(is_staff=True)
    bob.user_permissions.set(Permission.objects.filter(codename__in=["change_user", "view_user"]))
    client.force_login(User.objects.get(pk=bob.pk))
    client.post(USERS, {"action": "reset_second_factor", "_selected_action": [str(operator.pk)]})
    assert services.is_on(operator)
    assert app_code(operator)


@pytest.mark.parametrize("model", ["otp_totp_totpdevice", "otp_static_staticdevice"])
def test_no_page_of_the_admin_shows_secrets(model: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(f"admin:{model}_changelist")
