"""Checks that a webhook comes from the service: Standard Webhooks, signed with HMAC-SHA256."""

import base64
import binascii
import hashlib
import hmac
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from creditscore_client.errors import CreditscoreError

PREFIX = "whsec_"
TOLERANCE_SECONDS = 300


class InvalidSignature(CreditscoreError):
    """The request is not the service's, was changed, or is too old. Answer it with 400."""


@dataclass(frozen=True)
class Event:
    """`id` is the same at each attempt to deliver the event: remember it to handle an event once."""

    id: str
    type: str
    timestamp: str
    data: Mapping[str, Any]


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    tolerance: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> Event:
    """Return the event of a request. Raises `InvalidSignature`.

    `body` is what came, byte for byte. `secrets` is the endpoint's secret (`whsec_…`), or several while one
    replaces the other. `tolerance` is the greatest age in seconds; `now` is the time, as of `time.time`.
    """
    event_id = check_signature(body, headers, secrets, tolerance=tolerance, now=now)
    try:
        content = json.loads(body)
        return Event(event_id, content["type"], content["timestamp"], content["data"])
    except (ValueError, KeyError, TypeError) as error:
        raise InvalidSignature("the body is no event") from error


def check_signature(
    body: bytes,
    headers: Mapping[str, str],
    secrets: str | Sequence[str],
    *,
    tolerance: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> str:
    """Return the ID of what is signed. Arguments and errors are those of `verify`."""
    given = {name.lower(): value for name, value in headers.items()}
    try:
        event_id, sent = given["webhook-id"], given["webhook-timestamp"]
        signatures = given["webhook-signature"].split()
    except KeyError as error:
        raise InvalidSignature(f"the header {error} is missing") from None
    if not (sent.isascii() and sent.isdigit()):
        raise InvalidSignature("the timestamp is not a number")
    if abs((time.time() if now is None else now) - int(sent)) > tolerance:
        raise InvalidSignature("the timestamp is too old or in the future")
    signed = f"{event_id}.{sent}.".encode() + body
    known = [secrets] if isinstance(secrets, str) else secrets
    expected = [signature(secret, signed) for secret in known]
    # All are compared, so that the time taken tells nothing.
    matches = [hmac.compare_digest(one.encode(), other.encode()) for one in expected for other in signatures]
    if not any(matches):
        raise InvalidSignature("no signature matches")
    return event_id


def signature(secret: str, signed: bytes) -> str:
    """Return the signature of `{id}.{timestamp}.{body}`. Raises `ValueError` for what is no secret."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError) as error:
        raise ValueError("a secret is whsec_ and base64") from error
    digest = hmac.new(key, signed, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(digest).decode()}"
