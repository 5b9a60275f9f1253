"""Which faults happen when: decided by the seed alone."""

import random
from collections.abc import Collection
from dataclasses import dataclass

LEASE_SECONDS = 3
# Seconds between the end of a fault and the next one, and before the first one.
PAUSE = (1.5, 4.0)
FIRST_AT = 3.0
# A fault ends at least this long before the load does.
QUIET_END = 4.0
# What waits after a fault goes on this long after the load at the latest: a short run has a short end.
LATEST_END = 15.0
# A few faults begin while the one before is still there.
OVERLAPPING = 0.1
OVERLAP_AFTER = 1.0


@dataclass(frozen=True)
class Kind:
    """`seconds` are the bounds of its duration; `target` is what it breaks.

    `needs` is what it is about: a role, the database, a disk of its own. A `background` fault does not hold
    up the next ones. After one that `lingers`, something waits for so many seconds, by design.
    """

    name: str
    target: str
    seconds: tuple[float, float] = (0, 0)
    needs: str = ""
    background: bool = False
    lingers: float = 0


KINDS = (
    Kind("web master killed", "web", (0.5, 2)),
    Kind("web process killed", "web"),
    Kind("worker killed", "worker", (0.5, 4)),
    Kind("scoring process killed", "worker"),
    Kind("worker frozen past its lease", "worker", (LEASE_SECONDS + 1.5, LEASE_SECONDS + 4)),
    Kind("explainer killed", "explainer", (0.5, 3), needs="explainer"),
    Kind("bulk worker killed in a file", "bulk", (0.5, 3)),
    Kind("bulk processes killed in a file", "bulk"),
    Kind("bulk worker frozen in a file past its lease", "bulk", (LEASE_SECONDS + 1.5, LEASE_SECONDS + 4)),
    Kind("mailer killed while it sends", "mailer", (0.5, 2), lingers=60),
    Kind("folder of files away", "files", (2, 5)),
    Kind("disk of files full", "files", (2, 5), needs="disk", lingers=60),
    Kind("clock killed", "clock", (0.5, 3)),
    Kind("clock dead for long", "clock", (20, 30), background=True),
    Kind("broker killed", "broker", (0, 0.5)),
    Kind("broker down, its data lost", "broker", (3, 6)),
    Kind("broker frozen", "broker", (2, 5)),
    Kind("broker full", "broker", (3, 6)),
    Kind("broker emptied", "broker"),
    Kind("database connections cut", "database", needs="postgres"),
    Kind("database down", "database", (3, 6), needs="postgres"),
    Kind("database locked", "database", (3, 8), needs="sqlite"),
    Kind("model file broken", "models", (3, 6)),
)


@dataclass(frozen=True)
class Fault:
    """Begins `at` seconds after the load. `pick`, from 0 to 1, chooses among several processes or files."""

    kind: Kind
    at: float
    seconds: float
    pick: float

    @property
    def until(self) -> float:
        return self.at + self.seconds

    def __str__(self) -> str:
        return f"{self.at:6.1f} s  {self.kind.name}" + (f", {self.seconds:.1f} s" if self.seconds else "")


def faults(seed: int, duration: float, present: Collection[str]) -> list[Fault]:
    """Return the faults of a run, in their order. `present` are the roles and the database.

    Every kind comes before any comes again, unless something else is still wrong with its target or it would
    not end in time. No two that are there at a time have the same target.
    """
    chance = random.Random(f"faults {seed}")
    kinds = [kind for kind in KINDS if not kind.needs or kind.needs in present]
    planned: list[Fault] = []
    waiting: list[Kind] = []
    free_at: dict[str, float] = {}
    at, end = FIRST_AT, duration - QUIET_END
    while at < end:
        free = [kind for kind in waiting if free_at.get(kind.target, 0) <= at]
        if not free:
            # Later, a short run has no time for what lingers.
            waiting += sorted(chance.sample(kinds, len(kinds)), key=lambda kind: -kind.lingers)
            continue
        kind = free[0]
        waiting.remove(kind)
        fault = Fault(kind, at, chance.uniform(*kind.seconds), chance.random())
        overlaps, pause = chance.random() < OVERLAPPING, chance.uniform(*PAUSE)
        if fault.until > end or fault.until + kind.lingers > duration + LATEST_END:
            continue
        planned.append(fault)
        free_at[kind.target] = fault.until + PAUSE[0]
        at = min(fault.until, at + OVERLAP_AFTER) if overlaps or kind.background else fault.until
        at += pause
    return planned
