"""Programs that use API tokens, and tokens as a forger writes them."""

import json
import time
from typing import Any

import jwt
from django.conf import settings
from rest_framework.test import APIClient

from accounts.tokens import TokenPair
from tests.support.people import Answer

ME = "/api/v1/me/"


def me(access: str) -> Answer:
    answer: Answer = APIClient().get(ME, HTTP_AUTHORIZATION=f"Bearer {access}")
    return answer


def refresh(token: str) -> Answer:
    answer: Answer = APIClient().post("/api/v1/auth/token/refresh/", {"refresh": token}, format="json")
    return answer


def log_out(token: str) -> Answer:
    answer: Answer = APIClient().post("/api/v1/auth/logout/", {"refresh": token}, format="json")
    return answer


def is_alive(pair: TokenPair) -> bool:
    """Whether the access token works. Not asked of the refresh token, which would be spent."""
    status = me(pair.access).status_code
    assert status in (200, 401)
    return status == 200


def claims_of(token: str) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(
        token, settings.JWT_SIGNING_KEY, algorithms=["HS256"], audience="creditscore"
    )
    return claims


def forged(token: str, *without: str, **changes: object) -> str:
    """`token` with other claims and without those named, signed with the service's key."""
    claims = claims_of(token) | changes
    kept = {name: value for name, value in claims.items() if name not in without}
    # `jwt.encode` refuses to write some claims of a wrong type.
    return jwt.PyJWS().encode(json.dumps(kept).encode(), settings.JWT_SIGNING_KEY, "HS256")


def seconds_from_now(seconds: int) -> int:
    return int(time.time()) + seconds
