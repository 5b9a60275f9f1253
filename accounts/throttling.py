"""Counts attempts in the cache, before any password is hashed: one bcrypt check costs a core 0.3 s."""

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


# A person who mistypes, one address that tries many names, many addresses that try one name.
LOGIN_FAILURES = Limit("login-failures", 5, 300)
LOGIN_FAILURES_OF_ADDRESS = Limit("login-failures-address", 100, 300)
LOGIN_FAILURES_OF_USERNAME = Limit("login-failures-username", 50, 300)
SIGN_UPS = Limit("sign-ups", 60, 60)
RESETS = Limit("password-resets", 20, 3600)


class TooManyAttempts(RetryLater):
    """The limit is reached."""

    code = "too_many_attempts"


def take(limit: Limit, who: str) -> bool:
    """Count an attempt of `who`; False when it could not be counted. Raises `TooManyAttempts`.

    A cache that does not answer lets the attempt pass: customers must not be locked out by it, and
    nobody can switch it off from outside.
    """
    window, key = _window(limit, who)
    try:
        cache.add(key, 0, timeout=2 * limit.seconds)
        count = cache.incr(key)
    except (RedisError, ValueError):
        # ValueError: the cache was emptied between the two calls.
        logger.exception("%s is not counted: the cache does not answer", limit.name)
        return False
    if count > limit.attempts:
        raise TooManyAttempts(int((window + 1) * limit.seconds - time.time()) + 1)
    return True


def give_back(limit: Limit, who: str) -> None:
    """The attempt was a good one after all."""
    try:
        cache.decr(_window(limit, who)[1])
    except RedisError:
        logger.exception("%s is not given back: the cache does not answer", limit.name)
    except ValueError:
        logger.debug("%s: the window has passed", limit.name)


def _window(limit: Limit, who: str) -> tuple[int, str]:
    """The key names the window, so a count can neither live on nor expire between check and use."""
    window = int(time.time() // limit.seconds)
    return window, f"{limit.name}:{window}:{who}"
