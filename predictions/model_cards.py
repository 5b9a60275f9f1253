"""The published cards of the models on sale, and the scorecard's points as a person adds them up."""

import logging
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from pathlib import Path

from django.conf import settings

from predictions.catalog import Offer
from predictions.scoring import registry
from predictions.scoring.card import Card, read_card
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.points import PointsSum, PointTable, add_up, point_tables
from predictions.scoring.registry import ArtifactError, ArtifactRef
from predictions.scoring.schema import EXAMPLE
from predictions.scoring.scorecard import Scorecard

logger = logging.getLogger(__name__)

# The probabilities for which the page says how many points they take.
LANDMARKS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
# Whoever turns down this part of the applications, the lowest first, is an example in words.
TURNED_DOWN = 0.2
LOANS = 1000


@dataclass(frozen=True)
class Published:
    """A model on sale, the version that is sold now, and its card."""

    offer: Offer
    ref: ArtifactRef
    card: Card

    @property
    def defaults_before(self) -> int:
        """Defaults among `LOANS` loans when all are approved."""
        return round((1 - self.card["data"]["approval_rate"]) * LOANS)

    @property
    def defaults_left(self) -> int:
        """The same after the lowest `TURNED_DOWN` of them were turned down."""
        found = next(one["defaults"] for one in self.card["gains"] if one["applicants"] >= TURNED_DOWN)
        return round((1 - self.card["data"]["approval_rate"]) * (1 - found) * LOANS)


@dataclass(frozen=True)
class Points:
    """The tables, an example added up, and the totals from which the landmarks are reached."""

    tables: list[PointTable]
    example: PointsSum
    landmarks: list[tuple[float, int]]


def published(offer: Offer) -> Published | None:
    """None, and a line in the log, while the artifact cannot be used."""
    folder, slug = settings.ARTIFACTS_DIR, offer.model.slug
    try:
        return Published(offer, registry.current(folder, slug), read_card(folder, slug))
    except ArtifactError as error:
        logger.error("The card of %s is unavailable: %s", slug, error)
        return None


def points_of(ref: ArtifactRef) -> Points | None:
    """None where the model is no scorecard, or cannot be loaded."""
    return _points(settings.ARTIFACTS_DIR, ref)


def probability_steps(ref: ArtifactRef) -> list[tuple[int, int, float]]:
    """`(from, to, probability)` for all totals of points; empty where the model is no scorecard."""
    card = registry.load(settings.ARTIFACTS_DIR, ref)
    if not isinstance(card, Scorecard):
        return []
    totals = enumerate(card.probabilities.tolist(), card.lowest)
    steps = [(value, list(group)) for value, group in groupby(totals, key=lambda pair: pair[1])]
    return [(group[0][0], group[-1][0], value) for value, group in steps]


@lru_cache(maxsize=4)
def _points(folder: Path, ref: ArtifactRef) -> Points | None:
    applicant = parse_applicant(EXAMPLE)
    try:
        tables, example = point_tables(folder, ref), add_up(folder, ref, applicant)
    except ArtifactError:
        return None
    steps = probability_steps(ref)
    landmarks = [
        (mark, next(low for low, _high, value in steps if value >= mark))
        for mark in LANDMARKS
        if steps[-1][2] >= mark
    ]
    return Points(tables, example, landmarks)
