"""What is left of a limit, and the headers that say so (draft-ietf-httpapi-ratelimit-headers)."""

from collections.abc import Sequence
from dataclasses import dataclass

MINUTE = 60


@dataclass(frozen=True)
class Quota:
    """At most `limit` in `seconds`. In `reset` seconds more than `left` are free again.

    `left` is None if it cannot be told now.
    """

    name: str
    limit: int
    left: int | None
    reset: int
    seconds: int = MINUTE


def headers(quotas: Sequence[Quota]) -> dict[str, str]:
    """Return `RateLimit-Policy`, and `RateLimit` if anything is known of the moment."""
    policies = [f'"{quota.name}";q={quota.limit};w={quota.seconds}' for quota in quotas]
    states = [f'"{quota.name}";r={quota.left};t={quota.reset}' for quota in quotas if quota.left is not None]
    fields = {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(states)}
    return {name: value for name, value in fields.items() if value}
