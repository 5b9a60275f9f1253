"""Rate limits, counted in the cache. Those of log-ins are in `attempts`."""

import logging
import math
import time
from dataclasses import dataclass

from django.core.cache import cache
from django.utils.crypto import salted_hmac
from redis.exceptions import RedisError

from accounts.errors import RetryLater
from accounts.quotas import Quota

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limit:
    """At most `attempts` in each window of `seconds`."""

    name: str
    attempts: int
    seconds: int


SIGN_UPS = Limit("sign-ups", 60, 60)
# Per address network, and per e-mail address that is asked for.
RESETS = Limit("password-resets", 20, 3600)
RESETS_OF_EMAIL = Limit("password-resets-email", 5, 3600)
# Per account, and per address that a link is sent to.
EMAIL_LINKS = Limit("email-links", 10, 3600)
EMAIL_LINKS_TO = Limit("email-links-to", 5, 3600)


class TooManyAttempts(RetryLater):
    """The limit is reached."""

    code = "too_many_attempts"


def take(limit: Limit, identity: str) -> Quota | None:
    """Count an attempt by `identity`; None if the cache does not answer. Raises `TooManyAttempts`.

    Without the cache all attempts are allowed: an outage must not lock customers out, and an attacker
    cannot cause one.
    """
    key, reset = _window(limit, identity)
    try:
        cache.add(key, 0, timeout=2 * limit.seconds)
        count = cache.incr(key)
    except (RedisError, ValueError):
        # ValueError: the cache was emptied between the two calls.
        logger.exception("%s not counted: the cache does not answer", limit.name)
        return None
    quota = _quota(limit, count, reset)
    if count > limit.attempts:
        raise TooManyAttempts(reset, quota)
    return quota


def look(limit: Limit, identity: str) -> Quota:
    """Return what is left, without counting."""
    key, reset = _window(limit, identity)
    try:
        return _quota(limit, cache.get(key, 0), reset)
    except RedisError as error:
        logger.warning("%s not read: the cache does not answer: %s", limit.name, error)
        return Quota(limit.name, limit.attempts, None, reset, limit.seconds)


def _window(limit: Limit, identity: str) -> tuple[str, int]:
    """Return the cache key of the current window and the seconds until it ends.

    The key contains the window, so a count neither outlives it nor expires between check and use.
    """
    now = time.time()
    window = int(now // limit.seconds)
    return (
        cache_key(limit.name, f"{window}:{identity}"),
        max(1, math.ceil((window + 1) * limit.seconds - now)),
    )


def _quota(limit: Limit, count: int, reset: int) -> Quota:
    return Quota(limit.name, limit.attempts, max(0, limit.attempts - count), reset, limit.seconds)


def cache_key(name: str, identity: str) -> str:
    """Return a key that does not contain `identity`, which may be a password typed into the wrong input.

    Keys appear in warnings, in the server's slow log and in its dumps.
    """
    digest = salted_hmac("accounts.throttling", identity, algorithm="sha256").hexdigest()
    return f"{name}:{digest}"
