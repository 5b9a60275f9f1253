"""`Idempotency-Key`: a repeated request gets the first response, and money moves once.

The ledger makes money move once: the view gets a `request_key` derived from the header, and the ledger
accepts each key once per wallet, without a time limit. So a view may run again with the same key, and finds
what it has done before. The records here only replay responses; no request ever waits for one. The order of
a prediction keeps its response in the transaction that sells; other responses are stored after the work.
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial, wraps
from typing import Any, TypeAlias
from urllib.parse import urlsplit

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.exceptions import ValidationError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api_errors import raises
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


class Once:
    """What a view does once: under `request_key` in the ledger, and with a response that is given again."""

    def __init__(self, request_key: str, record: IdempotencyRecord | None = None) -> None:
        self.request_key, self._record = request_key, record
        self.kept = record is None

    @property
    def fingerprint(self) -> str:
        """What the request says, as a hash; "" if it has no key."""
        return self._record.fingerprint if self._record else ""

    def keep(self, response: Response, *, is_final: bool) -> None:
        """Store the response in the caller's transaction, if the request has a key.

        One that is not final is not stored: the view makes it again from what it has done. Raises
        `IntegrityError` if there is a record already.
        """
        if self._record:
            _fill(self._record, response)
            if not is_final:
                self._record.body = ""
            self._record.save()
            self.kept = True


def idempotent(*, look_first: bool = True) -> Callable[[Handler], Handler]:
    """Return a decorator for methods of API views that do something `once`, an argument by keyword.

    If an earlier request with the key has done it, but has stored no response, the method responds to it
    again and adds the headers `REPLAYED`. Raises `InvalidIdempotencyKey`, `RequestKeyReused`.

    Without `look_first`, a stored response is looked for when the method could not store its own. That is
    for methods that do nothing when the ledger has the key, and are called with new keys nearly always.
    """

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def wrapper(view: Any, request: Request, **kwargs: Any) -> Response:
            return _respond(partial(handler, view, request, **kwargs), request, look_first=look_first)

        return raises(InvalidIdempotencyKey, RequestKeyReused)(wrapper)

    return decorate


def purge() -> int:
    """Delete records older than `RETENTION`; return how many."""
    return IdempotencyRecord.objects.filter(created_at__lt=timezone.now() - RETENTION).delete()[0]


def _respond(handle: Callable[..., Response], request: Request, *, look_first: bool) -> Response:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return handle(once=Once(new_request_key()))
    if not 0 < len(key) <= MAX_LENGTH or not key.isprintable():
        raise InvalidIdempotencyKey
    record = IdempotencyRecord(user=current_user(request), key=key, fingerprint=_fingerprint(request))
    if look_first and (stored := _stored(record)):
        return _replay(request, record, stored)
    once = Once(f"client:{key}", record)
    try:
        response = handle(once=once)
    except (IntegrityError, ValidationError):
        # Another request has the key, or what was right then is so no more.
        stored = _stored(record)
        if stored is None or (not stored.body and stored.fingerprint == record.fingerprint):
            raise
        return _replay(request, record, stored)
    if once.kept:
        return response
    # The view has responded to what an earlier request had done.
    if not look_first and (stored := _stored(record)):
        return _replay(request, record, stored, response)
    return _store(request, record, response)


def _store(request: Request, record: IdempotencyRecord, response: Response) -> Response:
    """Store the response. If a parallel request with the key was faster, return the response to that one."""
    _fill(record, response)
    try:
        with transaction.atomic():
            record.save()
    except IntegrityError:
        stored = IdempotencyRecord.objects.get(user=record.user, key=record.key)
        # If that one had another body, it may have done nothing; this one has, so it is not refused.
        return _replay(request, record, stored) if stored.fingerprint == record.fingerprint else response
    return response


def _fill(record: IdempotencyRecord, response: Response) -> None:
    record.status = response.status_code
    record.body = JSONRenderer().render(response.data).decode()
    # Without the host, which the repeated request provides.
    record.location = urlsplit(response.get("Location", "")).path


def _stored(record: IdempotencyRecord) -> IdempotencyRecord | None:
    return IdempotencyRecord.objects.filter(user=record.user, key=record.key).first()


def _fingerprint(request: Request) -> str:
    body = json.dumps(request.data, sort_keys=True, default=digest)
    return hashlib.sha256(f"{request.method} {request.path}\n{body}".encode()).hexdigest()


def digest(file: "UploadedFile[Any]") -> str:
    """Return a hash of the name and the content of a file in a request, which is read from the disk."""
    file.seek(0)
    content = hashlib.sha256(f"{file.name}\n".encode())
    for chunk in file.chunks():
        content.update(chunk)
    file.seek(0)
    return content.hexdigest()


def _replay(
    request: Request, record: IdempotencyRecord, stored: IdempotencyRecord, again: Response | None = None
) -> Response:
    """Return the stored response, or `again` if there is none because it was not final.

    Raises `RequestKeyReused` if it is that to another request.
    """
    if stored.fingerprint != record.fingerprint:
        raise RequestKeyReused
    if again and not stored.body:
        return again
    headers = dict(REPLAYED)
    if stored.location:
        headers["Location"] = request.build_absolute_uri(stored.location)
    return Response(json.loads(stored.body), status=stored.status, headers=headers)
