"""Who is refused, at once and in both languages: revoked, expired, made up, or of a user without access."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts import services, tokens
from accounts.keys import services as keys
from accounts.models import ApiKey, User
from tests.support.keys import KeyFor, me, program
from tests.support.people import PASSWORD, Answer, ApiClientFor
from tests.support.tokens import is_alive

REFUSED = (401, "api_key_not_valid")


def outcome(answer: Answer) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def test_after_it_was_revoked(alice: User, bob: User, api: ApiClientFor, new_key: KeyFor) -> None:
    new, other = new_key(alice), new_key(alice)
    address = f"/api/v1/api-keys/{new.key.pk}/"
    assert api(bob).delete(address).status_code == 404
    assert me(new).status_code == 200
    assert api(alice).delete(address).status_code == 204
    refused = me(new)
    assert outcome(refused) == REFUSED
    assert refused["WWW-Authenticate"].startswith("Bearer")
    assert refused["Content-Type"] == "application/problem+json"
    assert api(alice).delete(address).status_code == 404
    assert me(other).status_code == 200
    assert ApiKey.objects.count() == 2, "charges name their key, so its row stays"


def test_after_it_has_expired(alice: User, new_key: KeyFor) -> None:
    new = new_key(alice, expires_at=timezone.now() + timedelta(hours=1))
    assert me(new).status_code == 200
    ApiKey.objects.update(expires_at=timezone.now())
    assert outcome(me(new)) == REFUSED


def test_with_a_wrong_end_or_a_wrong_beginning(alice: User, new_key: KeyFor) -> None:
    first, second = new_key(alice), new_key(alice)
    wrong = [
        f"{first.key.prefix}_{second.secret.rpartition('_')[2]}",
        first.secret[:-1] + ("a" if first.secret[-1] != "a" else "b"),
        first.secret[:-1],
        first.secret + "a",
        first.secret.swapcase().replace("CS_", "cs_"),
        f"{first.secret} {second.secret}",
        "cs_",
    ]
    assert [outcome(me(text)) for text in wrong] == [REFUSED] * len(wrong)


def test_the_text_follows_the_language(alice: User) -> None:
    texts = [
        program("cs_x").get("/api/v1/me/", headers={"Accept-Language": language}).json()["detail"]
        for language in ("en", "ru")
    ]
    assert texts[0] == "The API key is invalid, has expired or was revoked."
    assert not texts[1].isascii()


def test_a_token_of_another_kind_is_still_told_as_a_token(alice: User) -> None:
    assert outcome(me("x.y.z")) == (401, "token_not_valid")


def test_when_the_user_is_deactivated_for_good(alice: User, operator: User, new_key: KeyFor) -> None:
    new = new_key(alice)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert outcome(me(new)) == REFUSED
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert me(new).status_code == 200, "nobody has ended it"
    services.end_access(alice)
    assert outcome(me(new)) == REFUSED


def test_when_an_operator_demands_a_new_password(alice: User, new_key: KeyFor) -> None:
    new = new_key(alice)
    User.objects.filter(pk=alice.pk).update(must_change_password=True)
    assert outcome(me(new)) == REFUSED


def test_the_admin_ends_keys_with_everything_else(
    alice: User, operator: User, new_key: KeyFor, client: Client
) -> None:
    new, pair = new_key(alice), tokens.issue(alice)
    client.force_login(operator)
    address = f"/admin/accounts/user/{alice.pk}/change/"
    form = {
        "username": "alice",
        "email": alice.email,
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00",
    }
    assert client.post(address, form).status_code == 302
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert not is_alive(pair)
    assert outcome(me(new)) == REFUSED


def test_a_changed_password_and_revoked_tokens_leave_it(alice: User, new_key: KeyFor) -> None:
    new, pair = new_key(alice), tokens.issue(alice)
    services.change_password(alice, f"{PASSWORD} 2")
    tokens.revoke_all(alice)
    assert not is_alive(pair)
    assert me(new).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_requests_that_race_with_the_end_are_answered_or_refused(alice: User, new_key: KeyFor) -> None:
    new = new_key(alice)

    def ask(number: int) -> tuple[int, str]:
        try:
            if number == 10:
                keys.revoke(ApiKey.objects.all())
            return outcome(me(new))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        outcomes = set(pool.map(ask, range(24)))
    assert outcomes <= {(200, ""), REFUSED}
    assert REFUSED in outcomes
    assert outcome(me(new)) == REFUSED
