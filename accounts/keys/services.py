"""API keys: create, find, replace, revoke, and tell whose key a request carries.

A key is `cs_`, 12 characters that find its row, `_`, and 43 random characters. Only a hash of it is stored.
"""

import hashlib
import logging
import re
import secrets
import string
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce, Least
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework import exceptions

from accounts.errors import CustomerError
from accounts.models import ApiKey, User

logger = logging.getLogger(__name__)

START = "cs_"
ALPHABET = string.ascii_letters + string.digits
# 62 ** 43 > 2 ** 256
PREFIX_LENGTH, SECRET_LENGTH = 12, 43
KEY = re.compile(rf"({START}[0-9A-Za-z]{{{PREFIX_LENGTH}}})_[0-9A-Za-z]{{{SECRET_LENGTH}}}")
# Keys of a user that have not ended.
MAX_KEYS = 50
MAX_GRACE = timedelta(days=30)
LAST_USE_STEP = timedelta(minutes=1)


# DRF asks for its own exceptions where the browsable API finds out what a user may do.
class InvalidKey(CustomerError, exceptions.AuthenticationFailed):
    """The key is no key of this service, has expired or was revoked, or its user has no access."""

    status = 401
    code = "api_key_not_valid"


class InsufficientScope(CustomerError, exceptions.PermissionDenied):
    """The key does not have the `scope` that the request needs."""

    status = 403
    code = "insufficient_scope"

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    @property
    def members(self) -> dict[str, object]:
        return {"scope": self.scope}


class KeyNotAllowed(CustomerError, exceptions.PermissionDenied):
    """No key may do this, whatever its scopes: it takes a person who has logged in."""

    status = 403
    code = "api_key_not_allowed"


class TooManyKeys(CustomerError):
    """The user has `MAX_KEYS` keys that have not ended."""

    status = 409
    code = "too_many_api_keys"


@dataclass(frozen=True)
class NewKey:
    """A stored key together with its `secret`, the whole key, which is known only now."""

    key: ApiKey
    secret: str


def create(
    user: User,
    *,
    name: str,
    scopes: Sequence[str],
    daily_limit: int | None = None,
    orders_per_minute: int | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """Create a key; `daily_limit` is in minor units. Raises `TooManyKeys`."""
    with transaction.atomic():
        # Parallel requests of a user come one after the other, so that together they cannot pass the limit.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if live_keys(user).count() >= MAX_KEYS:
            raise TooManyKeys
        return _create(
            user=user,
            name=name,
            scopes=list(scopes),
            daily_limit=daily_limit,
            orders_per_minute=orders_per_minute,
            expires_at=expires_at,
        )


def rotate(key: ApiKey, grace: timedelta) -> NewKey | None:
    """Create a key like this one, which ends after `grace`, or when it would have ended if that is sooner.

    Until then both work. Returns None if the key has ended. The new key expires as long after now as the old
    one did after its creation. Raises `TooManyKeys`.
    """
    now = timezone.now()
    lifetime = key.expires_at - key.created_at if key.expires_at else None
    with transaction.atomic():
        new = create(
            key.user,
            name=key.name,
            scopes=key.scopes,
            daily_limit=key.daily_limit,
            orders_per_minute=key.orders_per_minute,
            expires_at=now + lifetime if lifetime else None,
        )
        end = Least(Coalesce(F("expires_at"), now + grace), now + grace)
        if not _live(now).filter(pk=key.pk).update(expires_at=end):
            transaction.set_rollback(True)
            return None
    logger.info("API key %s of user %s is replaced by %s", key.pk, key.user_id, new.key.pk)
    return new


def revoke(keys: QuerySet[ApiKey]) -> int:
    """End these keys at once; return how many had not ended by themselves."""
    now = timezone.now()
    ids = list(keys.filter(revoked_at__isnull=True).values_list("pk", flat=True))
    revoked = ApiKey.objects.filter(pk__in=ids, revoked_at__isnull=True).update(revoked_at=now)
    logger.info("API keys revoked: %s", ", ".join(map(str, ids)) or "none")
    return revoked


def live_keys(user: User) -> QuerySet[ApiKey]:
    """Return the user's keys that have neither expired nor been revoked."""
    return _live(timezone.now()).filter(user=user)


def get_live(user: User, pk: uuid.UUID) -> ApiKey | None:
    """Return the user's key with this ID if it has not ended."""
    return live_keys(user).select_related("user").filter(pk=pk).first()


def ended_keys(user: User, since: datetime) -> QuerySet[ApiKey]:
    """Return the user's keys that have expired or been revoked since then."""
    now = timezone.now()
    expired = Q(expires_at__gt=since, expires_at__lte=now)
    return ApiKey.objects.filter(Q(revoked_at__gt=since) | Q(revoked_at__isnull=True) & expired, user=user)


def authenticate(sent: bytes) -> ApiKey:
    """Return the key that a program has sent, with its user, in one query by index. Raises `InvalidKey`."""
    text = sent.decode("ascii", "replace")
    match = KEY.fullmatch(text)
    key = match and ApiKey.objects.select_related("user").filter(prefix=match[1]).first()
    if not key or not constant_time_compare(key.key_hash, _hash(text)):
        raise InvalidKey
    now = timezone.now()
    if key.has_ended(now) or not key.user.is_active or key.user.must_change_password:
        raise InvalidKey
    _note_use(key, now)
    return key


def is_key(sent: bytes) -> bool:
    """Return whether this is meant to be a key, and not another kind of token."""
    return sent.startswith(START.encode())


def _create(**columns: object) -> NewKey:
    prefix = START + _random(PREFIX_LENGTH)
    secret = f"{prefix}_{_random(SECRET_LENGTH)}"
    key = ApiKey.objects.create(prefix=prefix, key_hash=_hash(secret), **columns)
    logger.info("API key %s of user %s created", key.pk, key.user_id)
    return NewKey(key, secret)


def _note_use(key: ApiKey, now: datetime) -> None:
    """Store the time of the last use, once in `LAST_USE_STEP`: requests must not queue for the row."""
    if key.last_used_at and key.last_used_at > now - LAST_USE_STEP:
        return
    old = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - LAST_USE_STEP)
    ApiKey.objects.filter(old, pk=key.pk).update(last_used_at=now)
    key.last_used_at = now


def _live(now: datetime) -> QuerySet[ApiKey]:
    not_expired = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    return ApiKey.objects.filter(not_expired, revoked_at__isnull=True)


def _random(length: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _number in range(length))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
