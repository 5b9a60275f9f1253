"""A challenger beside the version on sale, on the orders that both have scored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.models import Challenge, ChallengerScore, Result
from predictions.scoring.measures import roc_auc

# Bars of the distributions, from 0 to 1.
BINS = 20
# The newest orders are compared; more make no difference that could be seen.
MAX_PAIRS = 50_000
MIN_PAIRS = 30
# Whether a loan was repaid; of one that was not granted, nobody knows.
KNOWN = {Result.REPAID.value: True, Result.DEFAULTED.value: False}


@dataclass(frozen=True)
class Pair:
    """Both probabilities of approval of one order, and its outcome if it is known."""

    champion: float
    challenger: float
    repaid: bool | None = None


@dataclass(frozen=True)
class Swaps:
    """How many orders each version approves at a threshold."""

    both: int
    champion_only: int
    challenger_only: int
    neither: int


@dataclass(frozen=True)
class Comparison:
    """`correlation` is None if one of them gives everybody the same. `auc` is None without both outcomes.

    `champion_bins` and `challenger_bins` count the orders in `BINS` equal parts of the probability.
    """

    count: int
    failed: int
    champion_mean: float
    challenger_mean: float
    mean_difference: float
    mean_distance: float
    correlation: float | None
    champion_bins: list[int]
    challenger_bins: list[int]
    swaps: Swaps
    outcomes: int
    auc: tuple[float, float] | None

    @property
    def agreement(self) -> float:
        """The share of orders on the same side of the threshold."""
        return (self.swaps.both + self.swaps.neither) / self.count


def pairs_of(challenge: Challenge) -> tuple[list[Pair], int]:
    """Return the newest pairs with the version on sale now, and how many orders could not be scored.

    Orders that another version was sold for do not count.
    """
    scores = ChallengerScore.objects.filter(
        challenge=challenge, prediction__artifact_sha256=challenge.model.on_sale.artifact_sha256
    )
    newest = scores.filter(approval_probability__isnull=False).order_by("-pk")[:MAX_PAIRS]
    values = newest.values_list(
        "prediction__approval_probability", "approval_probability", "prediction__outcome__result"
    )
    failed = scores.filter(approval_probability__isnull=True).count()
    return [
        Pair(float(champion or 0), float(challenger or 0), KNOWN.get(result))
        for champion, challenger, result in values
    ], failed


def compare(pairs: Sequence[Pair], threshold: float, failed: int = 0) -> Comparison | None:
    """Compare at this probability, from which an order counts as approved; None without a pair."""
    if not pairs:
        return None
    both = np.array([(pair.champion, pair.challenger) for pair in pairs])
    champion, challenger = both.T
    known = np.array([pair.repaid is not None for pair in pairs])
    repaid = np.array([float(bool(pair.repaid)) for pair in pairs])[known]
    approved, challenged = champion >= threshold, challenger >= threshold
    return Comparison(
        count=len(pairs),
        failed=failed,
        champion_mean=float(champion.mean()),
        challenger_mean=float(challenger.mean()),
        mean_difference=float((challenger - champion).mean()),
        mean_distance=float(np.abs(challenger - champion).mean()),
        correlation=_correlation(champion, challenger),
        champion_bins=_bins(champion),
        challenger_bins=_bins(challenger),
        swaps=Swaps(
            both=int((approved & challenged).sum()),
            champion_only=int((approved & ~challenged).sum()),
            challenger_only=int((~approved & challenged).sum()),
            neither=int((~approved & ~challenged).sum()),
        ),
        outcomes=int(known.sum()),
        auc=(roc_auc(repaid, champion[known]), roc_auc(repaid, challenger[known]))
        if 0 < repaid.sum() < len(repaid)
        else None,
    )


def _correlation(a: NDArray[np.float64], b: NDArray[np.float64]) -> float | None:
    if np.ptp(a) == 0 or np.ptp(b) == 0:
        return None
    return float(np.corrcoef(a, b)[0, 1])


def _bins(values: NDArray[np.float64]) -> list[int]:
    counts, _edges = np.histogram(values, bins=BINS, range=(0, 1))
    return [int(count) for count in counts]
