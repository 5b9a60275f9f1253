"""`creditscore_client.webhooks`: Standard Webhooks, with its published test vector."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from creditscore_client import webhooks

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OTHER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
VECTOR = {
    "Webhook-Id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "Webhook-Timestamp": "1614265330",
    "Webhook-Signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}
VECTOR_BODY = b'{"test": 2432232314}'
VECTOR_TIME = 1614265330.0
BODY = json.dumps(
    {
        "type": "prediction.succeeded",
        "timestamp": "2027-01-31T05:15:23Z",
        "data": {"id": "63dd27b3-fd35-4650-bfc6-f2d0c4a2a8d4", "status": "succeeded", "url": "https://…"},
    }
).encode()


def signed(body: bytes = BODY, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    sent = str(int(time.time() if at is None else at))
    return {
        "webhook-id": "evt_1",
        "webhook-timestamp": sent,
        "webhook-signature": webhooks.signature(secret, f"evt_1.{sent}.".encode() + body),
    }


def test_the_published_vector() -> None:
    event_id = webhooks.check_signature(VECTOR_BODY, VECTOR, SECRET, now=VECTOR_TIME)
    assert event_id == "msg_p5jXN8AQM9LWM0D4loKWxJek"


def test_an_event() -> None:
    event = webhooks.verify(BODY, signed(), SECRET)
    assert (event.id, event.type, event.data["status"]) == ("evt_1", "prediction.succeeded", "succeeded")
    assert datetime.fromisoformat(event.timestamp).tzinfo == UTC


def test_two_secrets_while_one_replaces_the_other() -> None:
    headers = signed()
    unknown = "v1a,aGVsbG8="
    headers["webhook-signature"] = f"{unknown} {signed(secret=OTHER)['webhook-signature']}"
    assert webhooks.verify(BODY, headers, [SECRET, OTHER]).id == "evt_1"
    with pytest.raises(webhooks.InvalidSignature):
        webhooks.verify(BODY, headers, SECRET)


# Signed when the test runs: what is old is refused for its age alone.
FORGED: dict[str, Callable[[], dict[str, str]]] = {
    "no headers": dict,
    "another id": lambda: {**signed(), "webhook-id": "evt_2"},
    "a time in words": lambda: {**signed(), "webhook-timestamp": "soon"},
    "foreign digits": lambda: {**signed(), "webhook-timestamp": "١٦"},
    "no signature": lambda: {**signed(), "webhook-signature": ""},
    "a version alone": lambda: {**signed(), "webhook-signature": "v1"},
    "no base64": lambda: {**signed(), "webhook-signature": "v1,é"},
    "another body": lambda: signed(BODY + b" "),
    "another secret": lambda: signed(secret=OTHER),
    "too old": lambda: signed(at=time.time() - 301),
    "too early": lambda: signed(at=time.time() + 9_000),
}


@pytest.mark.parametrize("case", FORGED)
def test_what_is_not_the_services_is_refused(case: str) -> None:
    with pytest.raises(webhooks.InvalidSignature):
        webhooks.verify(BODY, FORGED[case](), SECRET)


def test_a_signed_body_that_is_no_event_is_refused() -> None:
    with pytest.raises(webhooks.InvalidSignature):
        webhooks.verify(b"[]", signed(b"[]"), SECRET)


def test_a_secret_that_is_none_is_the_programs_mistake() -> None:
    with pytest.raises(ValueError, match="whsec_"):
        webhooks.verify(BODY, signed(), "whsec_ä")
