"""Signatures by Standard Webhooks: HMAC-SHA256 over id, time and body, with a secret of the endpoint.

No secret is stored. It is derived from a random seed in the endpoint's row and the service's SECRET_KEY, so
that nobody can sign with what is in the database or its backups.
"""

import base64
import secrets
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime

from django.utils.crypto import salted_hmac
from standardwebhooks import Webhook

PREFIX = "whsec_"


def new_seed() -> str:
    return secrets.token_urlsafe(32)


def secret_from(seed: str) -> str:
    """Return the secret as receivers need it, `whsec_…`: 256 bits. Raises `ValueError` for an empty seed."""
    if not seed:
        raise ValueError("a secret needs a seed")
    key = salted_hmac("accounts.webhooks.signing", seed, algorithm="sha256").digest()
    return PREFIX + base64.b64encode(key).decode()


def headers(event_id: uuid.UUID | str, at: datetime, body: str, secrets: Sequence[str]) -> dict[str, str]:
    """Return the three headers of Standard Webhooks, with a signature by each of the secrets.

    `at` is an aware time of any zone. The library takes the clock of any zone for UTC, so it gets UTC.
    """
    utc = at.astimezone(UTC)
    signatures = [Webhook(secret).sign(str(event_id), utc, body) for secret in secrets]
    return {
        "webhook-id": str(event_id),
        "webhook-timestamp": str(int(utc.timestamp())),
        "webhook-signature": " ".join(signatures),
    }
