"""Log-ins by the API, and the passwords that they had hashed."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.contrib.auth.hashers import BCryptSHA256PasswordHasher
from django.db import connections
from rest_framework.test import APIClient

from tests.support.people import Answer

# One client for all: each loads the middleware anew, and this one keeps no cookies of these answers.
CLIENT = APIClient()


def log_in(
    username: str = "alice", password: str = "wrong", address: str = "192.0.2.1", **headers: str
) -> Answer:
    credentials = {"username": username, "password": password}
    answer: Answer = CLIENT.post(
        "/api/v1/auth/token/", credentials, format="json", REMOTE_ADDR=address, headers=headers
    )
    return answer


def in_parallel(calls: Sequence[Callable[[], Answer]]) -> list[int]:
    """Make all calls at the same time and return their statuses; needs a test that commits."""

    def status(call: Callable[[], Answer]) -> int:
        try:
            return int(call().status_code)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(status, calls))


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The passwords that Django's hasher has been given."""
    seen: list[str] = []
    encode = BCryptSHA256PasswordHasher.encode

    def noting(self: Any, password: str, salt: str) -> str:
        seen.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(BCryptSHA256PasswordHasher, "encode", noting)
    return seen
