"""Whoever types a password into the name's input finds it neither in a log nor in the cache."""

import logging
import warnings

import pytest
from django.test import Client
from redis import Redis
from rest_framework.test import APIClient

from accounts.models import User
from tests.support.broker import Broker
from tests.support.clock import Forward
from tests.support.people import PASSWORD

SECRETS = ["Tr0ub4dor & 3 horses", "tab\there", "é" * 200, "x" * 254, "p@ss word@example.org", "кот\u2028пёс"]


def type_everywhere(secret: str) -> list[int]:
    """Type `secret` as a name at every place that takes one; return the statuses."""
    codes = []
    for _attempt in range(7):
        sent = {"username": secret, "password": PASSWORD}
        codes.append(Client().post("/account/login/", sent).status_code)
        codes.append(APIClient().post("/api/v1/auth/token/", sent, format="json").status_code)
    sent = {"username": secret, "email": secret, "password": PASSWORD}
    codes.append(Client().post("/account/register/", sent).status_code)
    codes.append(APIClient().post("/api/v1/auth/register/", sent, format="json").status_code)
    codes.append(Client().post("/account/reset/", {"email": secret}).status_code)
    return codes


def assert_secret(secret: str, text: str) -> None:
    assert secret not in text
    assert secret.casefold() not in text.casefold()
    assert repr(secret).strip("'") not in text


@pytest.mark.parametrize("secret", SECRETS)
def test_they_are_in_no_log_and_no_key(
    alice: User,
    broker_url: str,
    forward: Forward,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    secret: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        codes = type_everywhere(secret)
    assert set(codes) <= {401, 422, 429}
    assert 429 in codes
    assert [str(warning.message) for warning in warned] == []
    with Redis.from_url(broker_url) as client:
        keys = [key.decode() for key in client.scan_iter()]
        assert keys
        # What is stored under keys of log-ins are numbers and reservations.
        stored = [str(client.hgetall(key)) for key in keys if client.type(key) == b"hash"]
    output = "".join(capfd.readouterr())
    for text in [*keys, *stored, caplog.text, output]:
        assert_secret(secret, text)


@pytest.mark.parametrize("secret", SECRETS)
def test_they_are_in_no_log_when_the_cache_is_down(
    alice: User, own_broker: Broker, caplog: pytest.LogCaptureFixture, secret: str
) -> None:
    own_broker.stop()
    logging.getLogger("django.db.backends").setLevel(logging.INFO)
    codes = type_everywhere(secret)
    assert set(codes) <= {401, 422}
    assert "does not answer" in caplog.text
    assert_secret(secret, caplog.text)
