"""What the results of a file came to: how many in each band of probability, and the rows at its ends."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

import numpy as np

from predictions.models import DecisionPolicy
from predictions.scoring.models.protocol import Floats

BANDS = 20
# Rows named at each end, and characters of what the customer calls them.
MAX_NAMED = 5
MAX_REFERENCE = 60

Named: TypeAlias = tuple[float, int, str]


@dataclass(frozen=True)
class Summary:
    """`bands` counts results by twentieths of the probability of approval; `best` and `worst` are rows: their
    probability, line, and what the customer calls them. `decisions` counts what the policy of the file says;
    None without a policy, and if a part was scored before they were counted.
    """

    bands: list[int] = field(default_factory=lambda: [0] * BANDS)
    best: list[Named] = field(default_factory=list)
    worst: list[Named] = field(default_factory=list)
    decisions: dict[str, int] | None = None

    @classmethod
    def of(
        cls,
        approval: Floats,
        lines: Sequence[int],
        reference: Callable[[int], str],
        policy: DecisionPolicy | None = None,
    ) -> "Summary":
        """`approval` is NaN for rows without a result; `lines` belong to its rows.

        `reference` returns what the customer calls a row; it is asked for the few that are named.
        """
        scored = ~np.isnan(approval)
        values = approval[scored]
        places = np.minimum((values * BANDS).astype(int), BANDS - 1)
        rows = np.flatnonzero(scored)

        def first(order: Floats) -> list[Named]:
            # Equal ones by their line.
            ends = rows[np.argsort(order, kind="stable")[:MAX_NAMED]].tolist()
            return [(float(approval[at]), lines[at], reference(at)[:MAX_REFERENCE]) for at in ends]

        bands = np.bincount(places, minlength=BANDS).tolist()
        decisions = policy.count(values) if policy else None
        return cls(bands, first(-values), first(values), decisions)

    @classmethod
    def total(cls, parts: Sequence[dict[str, Any]]) -> "Summary":
        """Return the summary of parts that `to_dict` has made."""
        bands = np.zeros(BANDS, dtype=int)
        best: list[Named] = []
        worst: list[Named] = []
        for part in parts:
            bands += np.asarray(part["bands"])
            best += [(value, line, reference) for value, line, reference in part["best"]]
            worst += [(value, line, reference) for value, line, reference in part["worst"]]
        return cls(
            bands.tolist(),
            sorted(best, key=lambda end: (-end[0], end[1]))[:MAX_NAMED],
            sorted(worst)[:MAX_NAMED],
            _total_decisions([part.get("decisions") for part in parts]),
        )

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


def _total_decisions(parts: Sequence[dict[str, int] | None]) -> dict[str, int] | None:
    counted = [part for part in parts if part is not None]
    if not counted or len(counted) < len(parts):
        return None
    return {decision: sum(part[decision] for part in counted) for decision in counted[0]}


def without_references(summary: dict[str, Any]) -> dict[str, Any]:
    """Return what `to_dict` has made, without what the customer calls the rows."""
    ends = {
        name: [(value, line, "") for value, line, _reference in summary[name]] for name in ("best", "worst")
    }
    return {**summary, **ends}
