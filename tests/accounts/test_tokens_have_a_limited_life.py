from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from rest_framework.test import APIClient
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts import services, tokens
from accounts.models import User
from tests.support.people import Answer

pytestmark = pytest.mark.django_db


def refresh(token: str) -> Answer:
    answer: Answer = APIClient().post("/api/v1/auth/token/refresh/", {"refresh": token}, format="json")
    return answer


def me(access: str) -> Answer:
    answer: Answer = APIClient().get("/api/v1/me/", HTTP_AUTHORIZATION=f"Bearer {access}")
    return answer


def test_it_refuses_an_expired_access_token(alice: User) -> None:
    token = AccessToken.for_user(alice)
    assert me(str(token)).status_code == 200
    token.set_exp(lifetime=-timedelta(seconds=1))
    answer = me(str(token))
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_not_valid"


def test_it_says_how_long_the_access_token_lives(alice: User) -> None:
    pair = tokens.issue(alice)
    lifetime = api_settings.ACCESS_TOKEN_LIFETIME
    assert timedelta(0) < lifetime <= timedelta(hours=1)
    assert AccessToken(pair.access)["exp"] == int(pair.access_expires.timestamp())  # type: ignore[arg-type]


def test_it_refuses_an_expired_refresh_token(alice: User) -> None:
    token = RefreshToken(tokens.issue(alice).refresh)  # type: ignore[arg-type]
    assert token["exp"] - token["iat"] == timedelta(days=7).total_seconds()
    token.set_exp(lifetime=-timedelta(seconds=1))
    answer = refresh(str(token))
    assert answer.status_code == 401
    assert answer.json()["code"] == "token_not_valid"


def test_it_rotates_a_refresh_token_once(alice: User) -> None:
    pair = tokens.issue(alice)
    answer = refresh(pair.refresh)
    assert answer.status_code == 200
    assert me(answer.json()["access"]).status_code == 200
    assert refresh(pair.refresh).status_code == 401
    assert refresh(answer.json()["refresh"]).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_it_lets_one_of_parallel_refreshes_win(alice: User) -> None:
    token = tokens.issue(alice).refresh

    def code(_attempt: int) -> int:
        try:
            return refresh(token).status_code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        codes = sorted(pool.map(code, range(8)))
    assert codes == [200] + [401] * 7


def test_it_ends_the_refresh_token_at_log_out(alice: User) -> None:
    token = tokens.issue(alice).refresh
    log_out = {"refresh": token}
    assert APIClient().post("/api/v1/auth/logout/", log_out, format="json").status_code == 204
    assert refresh(token).status_code == 401
    assert APIClient().post("/api/v1/auth/logout/", log_out, format="json").status_code == 401


def test_it_ends_every_token_when_the_password_changes(alice: User) -> None:
    pair = tokens.issue(alice)
    services.change_password(alice, "another horse battery staple")
    assert me(pair.access).status_code == 401
    assert refresh(pair.refresh).status_code == 401


def test_it_ends_every_token_of_an_account_that_is_switched_off_or_gone(alice: User, bob: User) -> None:
    pair, gone = tokens.issue(alice), tokens.issue(bob)
    User.objects.filter(pk=alice.pk).update(is_active=False)
    bob.delete()
    for each in (pair, gone):
        assert me(each.access).status_code == 401
        assert refresh(each.refresh).status_code == 401


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "\x00", "é" * 50])
def test_it_refuses_what_is_no_token(token: str) -> None:
    assert refresh(token).status_code in {401, 422}
