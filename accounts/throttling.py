"""Rate limits, counted in the cache; logins before any hashing: a bcrypt check takes 0.3 s of a core."""

import logging
import time
from dataclasses import dataclass

from django.core.cache import cache
from redis.exceptions import RedisError

from accounts.errors import RetryLater

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Limit:
    """At most `attempts` in each window of `seconds`."""

    name: str
    attempts: int
    seconds: int


# Per address and username, per address for all usernames, per username for all addresses.
LOGIN_FAILURES = Limit("login-failures", 5, 300)
LOGIN_FAILURES_OF_ADDRESS = Limit("login-failures-address", 100, 300)
LOGIN_FAILURES_OF_USERNAME = Limit("login-failures-username", 50, 300)
SIGN_UPS = Limit("sign-ups", 60, 60)
RESETS = Limit("password-resets", 20, 3600)


class TooManyAttempts(RetryLater):
    """The limit is reached."""

    code = "too_many_attempts"


def take(limit: Limit, identity: str) -> bool:
    """Count an attempt by `identity`; False if the cache does not answer. Raises `TooManyAttempts`.

    Without the cache all attempts are allowed: an outage must not lock customers out, and an attacker
    cannot cause one.
    """
    window, key = _window(limit, identity)
    try:
        cache.add(key, 0, timeout=2 * limit.seconds)
        count = cache.incr(key)
    except (RedisError, ValueError):
        # ValueError: the cache was emptied between the two calls.
        logger.exception("%s not counted: the cache does not answer", limit.name)
        return False
    if count > limit.attempts:
        raise TooManyAttempts(int((window + 1) * limit.seconds - time.time()) + 1)
    return True


def give_back(limit: Limit, identity: str) -> None:
    """Uncount an attempt that was successful."""
    try:
        cache.decr(_window(limit, identity)[1])
    except RedisError:
        logger.exception("%s not given back: the cache does not answer", limit.name)
    except ValueError:
        logger.debug("%s: the window has passed", limit.name)


def _window(limit: Limit, identity: str) -> tuple[int, str]:
    """Return the current window's number, and the cache key of its count.

    The key contains the window, so a count neither outlives it nor expires between check and use.
    """
    window = int(time.time() // limit.seconds)
    return window, f"{limit.name}:{window}:{identity}"
