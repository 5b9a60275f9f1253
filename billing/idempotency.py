"""`Idempotency-Key`: the same request again gets the first answer, and moves no money twice.

The records replay answers. That money moves once is the ledger's own doing: the handler gets a
`request_key` derived from the header, which is unique in the wallet for ever.
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
KEPT = timedelta(hours=24)
# A request in flight for longer has died with its process; its key may be tried again.
IN_FLIGHT = timedelta(seconds=60)


class InvalidIdempotencyKey(CustomerError):
    """Empty, too long, or with unprintable characters."""

    status = 400
    code = "invalid_idempotency_key"


class RequestInFlight(CustomerError):
    """The first request with this key has no answer yet."""

    status = 409
    code = "request_in_flight"
    retry_after = 1


def idempotent(handler: Handler) -> Handler:
    """For view methods that take a `request_key`."""

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
            # Nothing was done, so the key is free again.
            record.delete()
            raise
        _keep(record, response)
        return response

    return wrapper


def purge() -> int:
    """Forget answers that nobody will ask for again; returns how many."""
    return IdempotencyRecord.objects.filter(claimed_at__lt=timezone.now() - KEPT).delete()[0]


def _claim(request: Request, key: str) -> tuple[IdempotencyRecord, bool]:
    """The key's record, and whether this request is the one to answer it."""
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
    abandoned = IdempotencyRecord.objects.filter(pk=record.pk, status=None, claimed_at__lt=now - IN_FLIGHT)
    if not abandoned.update(claimed_at=now):
        raise RequestInFlight
    return record, True


def _keep(record: IdempotencyRecord, response: Response) -> None:
    IdempotencyRecord.objects.filter(pk=record.pk).update(
        status=response.status_code,
        body=json.loads(JSONRenderer().render(response.data)),
        # The host is the request's own affair.
        location=urlsplit(response.get("Location", "")).path,
    )


def _replay(request: Request, record: IdempotencyRecord) -> Response:
    headers = {"Idempotent-Replayed": "true"}
    if record.location:
        headers["Location"] = request.build_absolute_uri(record.location)
    return Response(record.body, status=record.status, headers=headers)
