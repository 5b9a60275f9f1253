"""Access tokens live for minutes, a family for days from its log-in, however often it is refreshed."""

from datetime import UTC, datetime, timedelta

import pytest
from rest_framework_simplejwt.settings import api_settings

from accounts import tokens
from accounts.models import TokenFamily, User
from tests.support.tokens import claims_of, forged, log_out, me, refresh, seconds_from_now

pytestmark = pytest.mark.django_db


def test_the_access_token_says_how_long_it_lives(alice: User) -> None:
    pair = tokens.issue(alice)
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME
    assert timedelta(0) < lifetime <= timedelta(hours=1)
    assert claims_of(pair.access)["exp"] == int(pair.access_expires.timestamp())
    assert lifetime - timedelta(minutes=1) < pair.access_expires - datetime.now(UTC) <= lifetime


def test_an_expired_token_is_refused(alice: User) -> None:
    pair = tokens.issue(alice)
    expired = me(forged(pair.access, exp=seconds_from_now(-1)))
    assert (expired.status_code, expired.json()["code"]) == (401, "token_not_valid")
    assert refresh(forged(pair.refresh, exp=seconds_from_now(-1))).status_code == 401
    assert log_out(forged(pair.refresh, exp=seconds_from_now(-1))).status_code == 401


def test_no_refresh_prolongs_a_family(alice: User) -> None:
    pair = tokens.issue(alice)
    assert (
        claims_of(pair.refresh)["exp"] - claims_of(pair.refresh)["iat"] == timedelta(days=7).total_seconds()
    )
    TokenFamily.objects.update(expires_at=datetime.now(UTC) + timedelta(minutes=1))
    end = int(TokenFamily.objects.get().expires_at.timestamp())
    answer = refresh(pair.refresh).json()
    assert claims_of(answer["refresh"])["exp"] == end
    assert claims_of(answer["access"])["exp"] == end, "an access token does not outlive its family"


def test_nothing_works_after_the_end_of_the_family(alice: User) -> None:
    pair = tokens.issue(alice)
    TokenFamily.objects.update(expires_at=datetime.now(UTC))
    assert me(pair.access).status_code == 401
    assert refresh(pair.refresh).status_code == 401


def test_families_that_have_expired_are_deleted_at_the_next_log_in(alice: User, bob: User) -> None:
    for user in (alice, alice, bob):
        tokens.issue(user)
    TokenFamily.objects.update(expires_at=datetime.now(UTC))
    tokens.issue(alice)
    assert TokenFamily.objects.filter(user=alice).count() == 1
    assert TokenFamily.objects.filter(user=bob).count() == 1


def test_the_database_holds_no_token(alice: User) -> None:
    pair = tokens.issue(alice)
    row = " ".join(str(value) for value in TokenFamily.objects.values_list().get())
    for token in (pair.access, pair.refresh):
        assert not [part for part in token.split(".") if part in row]
