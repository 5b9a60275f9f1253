"""Decides whether a password may be checked now, and counts how that ended.

All limits of an attempt are checked and taken in one script of the cache's server, so parallel attempts
cannot exceed them, and a refused attempt changes nothing: it is not hashed, not counted, and does not
extend a delay. See docs/decisions/0016-log-in-delays-grow.md.
"""

import logging
import math
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from django.core.cache import cache
from redis.exceptions import RedisError

from accounts import hashers
from accounts.throttling import TooManyAttempts, cache_key

logger = logging.getLogger(__name__)

ADMIT, SETTLE = (Path(__file__).with_name(name).read_text() for name in ("admit.lua", "settle.lua"))
# A process that dies while it hashes leaves its reservation until then.
RESERVATION_SECONDS = 60
# How long an address network stays known after an account's last log-in from it.
KNOWN_NETWORK_SECONDS = 90 * 24 * 3600
KNOWN_NETWORK = "known-network"
# Between two looks at an attempt that others of the same limit are ahead of.
POLL_SECONDS = 0.1


@dataclass(frozen=True)
class Delay:
    """From the `size`th failure on, wait 1, 2, 4 … seconds, at most `seconds`.

    One failure is forgotten every `seconds`.
    """

    name: str
    size: int
    seconds: int
    kind = "delay"


@dataclass(frozen=True)
class Budget:
    """At most `size` hashes at once, and as many every `seconds`, for right and wrong passwords."""

    name: str
    size: int
    seconds: int
    kind = "budget"


@dataclass(frozen=True)
class Counter:
    """A limit, whose attempts it counts, and for which clients."""

    limit: Delay | Budget
    identity: str
    whom: Literal["all", "known", "strangers"] = "all"

    @property
    def key(self) -> str:
        return _key(self.limit.name, f"{self.whom}:{self.identity}")


@dataclass
class Attempt:
    """An attempt that may be hashed now. Set `right` when that is known; None counts as not made."""

    known: bool
    right: bool | None = None


@contextmanager
def admitted(
    own: Counter, others: Sequence[Counter], *, hashes: int, network: str = "", known_device: bool = False
) -> Iterator[Attempt]:
    """Reserve a place in all limits, and count the attempt afterwards.

    `own` is the delay that a right password ends. `network` names account and address network; the network
    is known to the account after a right password. Raises `TooManyAttempts` or `ServiceBusy`. If the cache
    does not answer, all attempts are allowed: an outage must not lock customers out.
    """
    counters = (own, *others)
    marker = _key(KNOWN_NETWORK, network) if network else ""
    reservation = secrets.token_hex(8)
    try:
        known = _reserve(counters, marker, reservation, known_device, hashes)
    except RedisError:
        logger.exception("log-in not counted: the cache does not answer")
        yield Attempt(known_device)
        return
    attempt = Attempt(known)
    try:
        yield attempt
    finally:
        _settle(counters, marker, reservation, attempt, hashes)


def remember_network(network: str) -> None:
    """Make a network known without a log-in, after a sign-up."""
    try:
        cache.set(cache_key(KNOWN_NETWORK, network), 1, timeout=KNOWN_NETWORK_SECONDS)
    except RedisError:
        logger.exception("network not remembered: the cache does not answer")


def _reserve(
    counters: Sequence[Counter], marker: str, reservation: str, known_device: bool, hashes: int
) -> bool:
    """Reserve and return whether the client is known; waits while parallel attempts decide the limit."""
    began = time.monotonic()
    limits = [value for counter in counters for value in _arguments(counter)]
    keys = [marker, *(counter.key for counter in counters)]
    while True:
        now = time.time()
        head = (now, reservation, now + RESERVATION_SECONDS, int(known_device), hashes)
        verdict, known, wait = _run(ADMIT, keys, (*head, *limits))
        if verdict == b"wait":
            raise TooManyAttempts(max(1, math.ceil(float(wait))))
        if verdict == b"yes":
            return bool(known)
        if time.monotonic() - began > hashers.patience(stranger=not known):
            raise hashers.ServiceBusy
        with hashers.queue.waiting(stranger=not known):
            time.sleep(POLL_SECONDS)


def _settle(
    counters: Sequence[Counter], marker: str, reservation: str, attempt: Attempt, hashes: int
) -> None:
    outcome = {True: "right", False: "wrong", None: "unknown"}[attempt.right]
    whom = ("all", "known" if attempt.known else "strangers")
    applied = [counter for counter in counters if counter.whom in whom]
    limits = [value for counter in applied for value in _arguments(counter)]
    head = (time.time(), reservation, outcome, KNOWN_NETWORK_SECONDS, hashes)
    try:
        _run(SETTLE, [marker, *(counter.key for counter in applied)], (*head, *limits))
    except RedisError:
        logger.exception("log-in not counted: the cache does not answer")


def _arguments(counter: Counter) -> tuple[str, str, int, int]:
    return counter.limit.kind, counter.whom, counter.limit.size, counter.limit.seconds


def _key(name: str, identity: str) -> str:
    # Scripts need the complete key; the other calls of Django's cache complete it themselves.
    return str(cache.make_key(cache_key(name, identity)))


def _run(script: str, keys: Sequence[str], arguments: Sequence[object]) -> Any:
    # Django's cache has no public way to run a script.
    client = cache._cache.get_client(None, write=True)  # type: ignore[attr-defined]
    return client.eval(script, len(keys), *keys, *arguments)
