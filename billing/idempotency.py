"""`Idempotency-Key`: a repeated request gets the first response, and money moves once.

The records here only replay responses. The ledger makes money move once: the view gets a `request_key`
derived from the header, and the ledger accepts each key once per wallet, without a time limit.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import CustomerError
from accounts.requests import current_user
from billing.models import IdempotencyRecord
from billing.services import RequestKeyReused, new_request_key

Handler: TypeAlias = Callable[..., Response]
MAX_LENGTH = 255
RETENTION = timedelta(hours=24)
# A request without a response for longer than this has died with its process; its key can be reused.
IN_FLIGHT_TIMEOUT = timedelta(seconds=60)


class InvalidIdempotencyKey(CustomerError):
    """Empty, too long, or with unprintable characters."""

    status = 400
    code = "invalid_idempotency_key"


class RequestInFlight(CustomerError):
    """The first request with this key has no response yet."""

    status = 409
    code = "request_in_flight"
    retry_after = 1


def idempotent(handler: Handler) -> Handler:
    """Decorator for methods of API views that take a `request_key`.

    Raises `InvalidIdempotencyKey`, `RequestInFlight`, `RequestKeyReused`.
    """

    @wraps(handler)
    def wrapper(view: Any, request: Request, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, request_key=new_request_key(), **kwargs)
        if not 0 < len(key) <= MAX_LENGTH or not key.isprintable():
            raise InvalidIdempotencyKey
        record, first = _claim(request, key)
        if not first:
            return _replay(request, record)
        try:
            response = handler(view, request, request_key=f"client:{key}", **kwargs)
        except Exception:
            # A failed request changes nothing, so the key can be used again.
            record.delete()
            raise
        _store(record, response)
        return response

    return wrapper


def purge() -> int:
    """Delete records older than `RETENTION`; return how many."""
    return IdempotencyRecord.objects.filter(claimed_at__lt=timezone.now() - RETENTION).delete()[0]


def _claim(request: Request, key: str) -> tuple[IdempotencyRecord, bool]:
    """Return the key's record, and True if this request must compute the response.

    Raises `RequestInFlight`, `RequestKeyReused`.
    """
    body = json.dumps(request.data, sort_keys=True, default=str)
    fingerprint = hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()
    user, now = current_user(request), timezone.now()
    try:
        with transaction.atomic():
            record = IdempotencyRecord(user=user, key=key, fingerprint=fingerprint, claimed_at=now)
            record.save(force_insert=True)
            return record, True
    except IntegrityError:
        record = IdempotencyRecord.objects.get(user=user, key=key)
    if record.fingerprint != fingerprint:
        raise RequestKeyReused
    if record.status is not None:
        return record, False
    timed_out = now - IN_FLIGHT_TIMEOUT
    abandoned = IdempotencyRecord.objects.filter(pk=record.pk, status=None, claimed_at__lt=timed_out)
    if not abandoned.update(claimed_at=now):
        raise RequestInFlight
    return record, True


def _store(record: IdempotencyRecord, response: Response) -> None:
    IdempotencyRecord.objects.filter(pk=record.pk).update(
        status=response.status_code,
        body=json.loads(JSONRenderer().render(response.data)),
        # Without the host, which the repeated request provides.
        location=urlsplit(response.get("Location", "")).path,
    )


def _replay(request: Request, record: IdempotencyRecord) -> Response:
    headers = {"Idempotent-Replayed": "true"}
    if record.location:
        headers["Location"] = request.build_absolute_uri(record.location)
    return Response(record.body, status=record.status, headers=headers)
