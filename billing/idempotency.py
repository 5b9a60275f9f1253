"""`Idempotency-Key`: a repeated request gets the first response, and money moves once.

The ledger makes money move once: the view gets a `request_key` derived from the header, and the ledger
accepts each key once per wallet, without a time limit. So a view may run again with the same key, and finds
what it has done before. The records here only replay responses; no request ever waits for one.
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
# Headers of a response to something that an earlier request has done.
REPLAYED = {"Idempotent-Replayed": "true"}


class InvalidIdempotencyKey(CustomerError):
    """Empty, too long, or with unprintable characters."""

    status = 400
    code = "invalid_idempotency_key"


def idempotent(handler: Handler) -> Handler:
    """Decorator for methods of API views that take a `request_key` and do something once per key.

    If an earlier request with the key has done it, but has stored no response, the method responds to it
    again and adds the headers `REPLAYED`. Raises `InvalidIdempotencyKey`, `RequestKeyReused`.
    """

    @wraps(handler)
    def wrapper(view: Any, request: Request, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, request_key=new_request_key(), **kwargs)
        if not 0 < len(key) <= MAX_LENGTH or not key.isprintable():
            raise InvalidIdempotencyKey
        fingerprint = _fingerprint(request)
        stored = IdempotencyRecord.objects.filter(user=current_user(request), key=key).first()
        if stored is None:
            response = handler(view, request, request_key=f"client:{key}", **kwargs)
            return _first_response(request, key, fingerprint, response)
        if stored.fingerprint != fingerprint:
            raise RequestKeyReused
        return _replay(request, stored)

    return wrapper


def purge() -> int:
    """Delete records older than `RETENTION`; return how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()[0]


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True, default=str)
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()


def _first_response(request: Request, key: str, fingerprint: str, response: Response) -> Response:
    """Store the response. If a parallel request with the key was faster, return the response to that one."""
    user = current_user(request)
    record = IdempotencyRecord(
        user=user,
        key=key,
        fingerprint=fingerprint,
        status=response.status_code,
        body=JSONRenderer().render(response.data).decode(),
        # Without the host, which the repeated request provides.
        location=urlsplit(response.get("Location", "")).path,
    )
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError:
        stored = IdempotencyRecord.objects.get(user=user, key=key)
        # If that one had another body, it may have done nothing; this one has, so it is not refused.
        return _replay(request, stored) if stored.fingerprint == fingerprint else response
    return response


def _replay(request: Request, record: IdempotencyRecord) -> Response:
    headers = dict(REPLAYED)
    if record.location:
        headers["Location"] = request.build_absolute_uri(record.location)
    return Response(json.loads(record.body), status=record.status, headers=headers)
