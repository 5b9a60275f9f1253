"""The published cards of the models on sale, and the scorecard's points as a person adds them up."""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import NamedTuple, TypeVar

from django.conf import settings
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from predictions.catalog import Offer
from predictions.formats.applicants import in_words
from predictions.formats.numbers import number, percent_points, plain_percent, score, short_percent
from predictions.scoring import artifacts
from predictions.scoring import model_card as texts
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.model_card import ModelCard, read_model_card
from predictions.scoring.models.scorecard import Scorecard
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.points import Bin, PointsPart, PointsSum, PointTable, add_up, point_tables
from predictions.scoring.schema import (
    EXAMPLE,
    FIELD_NAMES,
    FIELDS_BY_NAME,
    SHARE_FIELD,
    ChoiceField,
    NumberField,
)

T = TypeVar("T")

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
    card: ModelCard

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
        return Published(offer, artifacts.current(folder, slug), read_model_card(folder, slug))
    except ArtifactError as error:
        logger.error("The card of %s is unavailable: %s", slug, error)
        return None


def points_of(ref: ArtifactRef) -> Points | None:
    """None where the model is no scorecard, or cannot be loaded."""
    return _points(settings.ARTIFACTS_DIR, ref)


def probability_steps(ref: ArtifactRef) -> list[tuple[int, int, float]]:
    """`(from, to, probability)` for all totals of points; empty where the model is no scorecard."""
    card = artifacts.load(settings.ARTIFACTS_DIR, ref)
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


class Measure(NamedTuple):
    name: str
    label: StrOrPromise
    meaning: StrOrPromise
    decimals: int = 3


MEASURES = (
    Measure(
        "roc_auc",
        _("ROC AUC"),
        _(
            "How often a loan that was repaid gets a higher probability than one that was not. "
            "0.5 is guessing, 1 is perfect."
        ),
    ),
    Measure("gini", _("Gini"), _("The same on the scale that banks use: 0 is guessing, 1 is perfect.")),
    Measure(
        "ks",
        _("KS"),
        _("The widest gap between repaid and defaulted loans along the probability; more is better."),
    ),
    Measure(
        "brier",
        _("Brier score"),
        _("The mean squared error of the probabilities; 0 is perfect, less is better."),
        decimals=4,
    ),
    Measure(
        "log_loss",
        _("Log loss"),
        _("Punishes probabilities that are sure and wrong; less is better."),
    ),
    Measure(
        "ece",
        _("Calibration error"),
        _("How far a stated probability is from what really happens, on average; less is better."),
        decimals=4,
    ),
)


def described(metrics: Mapping[str, float]) -> Iterator[tuple[Measure, float]]:
    """The measures that we can explain, with their values."""
    return ((measure, metrics[measure.name]) for measure in MEASURES if measure.name in metrics)


def measured(metrics: Mapping[str, float], measure: Measure) -> str:
    return score(metrics[measure.name], measure.decimals) if measure.name in metrics else "—"


def between(intervals: Mapping[str, Sequence[float]], measure: Measure) -> str:
    """``0.947–0.953``."""
    low, high = intervals[measure.name]
    return f"{score(low, measure.decimals)}–{score(high, measure.decimals)}"


NOTHING = "—"
WHEN = {
    "scorecard": _(
        "When you want to see where a number comes from, have many applications to look through, or must "
        "give reasons: the points can be added up by hand, and a better fact never lowers the answer."
    ),
    "forest": _(
        "When the scorecard's answer lies near your limit: it sees combinations of facts that a table of "
        "points cannot hold, and reacts less to small changes than the sharpest model."
    ),
    "boosting": _(
        "When a wrong answer is expensive: large sums and last decisions. It tells strong applications from "
        "weak ones most sharply, and in return reacts most to small changes of the facts."
    ),
}
# The false-positive rates that the table beside the curve has a row for.
ROC_ROWS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75)


def part(value: float | None, decimals: int = 1) -> str:
    """``0.0879`` -> ``8.8%``; a dash where there is nothing to measure."""
    return NOTHING if value is None else plain_percent(value, decimals)


def interval(value: Sequence[float], decimals: int = 1) -> str:
    low, high = value
    return f"{percent_points(low, decimals)}–{plain_percent(high, decimals)}"


def score_or_dash(value: float | None, decimals: int = 3) -> str:
    return NOTHING if value is None else score(value, decimals)


def defaulted(approval_rate: float) -> float:
    return 1 - approval_rate


def observed_range(one: texts.ReliabilityBin) -> str:
    return interval((one["observed_low"], one["observed_high"]))


def bars(shown: texts.Distribution) -> Iterator[tuple[tuple[float, float], float, float]]:
    """The ends of each bin, with the shares of the repaid and of the defaulted loans in it."""
    yield from zip(pairwise(shown["edges"]), shown["approved"], shown["defaulted"], strict=True)


def in_order(facts: Mapping[str, T]) -> list[tuple[str, T]]:
    """By the fields' order in the schema, for `card.json` sorts them by their names."""
    return [(name, facts[name]) for name in FIELD_NAMES if name in facts]


def choices_in_order(shares: Mapping[str, float], name: str) -> list[tuple[str, float]]:
    field = FIELDS_BY_NAME[name]
    assert isinstance(field, ChoiceField)
    return [(value, shares[value]) for value in field.values if value in shares]


def facts_in_words(one: PointsPart) -> list[tuple[str, str]]:
    """The names of the fields with an applicant's values in words."""
    return [
        (name, in_words(FIELDS_BY_NAME[name], value))
        for name, value in zip(one.fields, one.values, strict=True)
    ]


def field_label(name: str) -> str:
    return gettext(FIELDS_BY_NAME[name].label)


def field_unit(name: str) -> str:
    field = FIELDS_BY_NAME[name]
    return gettext(field.unit) if isinstance(field, NumberField) and not field.derived else ""


def band(name: str) -> str:
    """``18-24`` with the dash that ranges have, at which no line breaks."""
    return name.replace("-", "\u2060–\u2060")


def choice_label(value: str, name: str) -> str:
    field = FIELDS_BY_NAME[name]
    return in_words(field, value) if isinstance(field, ChoiceField) else band(value)


def age_words(years: int) -> str:
    return in_words(FIELDS_BY_NAME["person_age"], years)


def amount(value: float, name: str) -> str:
    """A number of the field without its unit; the share of income in percent."""
    return short_percent(value) if name == SHARE_FIELD else number(value)


def bin_words(one: Bin, name: str) -> str:
    """``below 10,000``, ``10,000 to 12,000``, ``300,000 and more``, ``Rents`` or ``unknown``."""
    if one.choice is not None or one.unknown:
        return in_words(FIELDS_BY_NAME[name], one.choice)
    if one.low is None and one.high is not None:
        return gettext("below %(high)s") % {"high": amount(one.high, name)}
    if one.high is None and one.low is not None:
        return gettext("%(low)s and more") % {"low": amount(one.low, name)}
    assert one.low is not None
    assert one.high is not None
    return gettext("%(low)s to %(high)s") % {"low": amount(one.low, name), "high": amount(one.high, name)}


def rows(table: PointTable) -> Iterator[tuple[Bin, list[int]]]:
    """Each bin of the first field with its points: one, or one for each bin of the second."""
    given: Iterable[int | list[int]] = table.points
    for one, points in zip(table.bins[0], given, strict=True):
        yield one, points if isinstance(points, list) else [points]


def some_rows(curve: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """The curve at the round shares of its table, straight between the stored points."""
    return [(wanted, _height(curve, wanted)) for wanted in ROC_ROWS]


def roc_rows(compared: Sequence[Published]) -> list[tuple[float, list[float]]]:
    return [(wanted, [_height(one.card["roc"], wanted) for one in compared]) for wanted in ROC_ROWS]


def directions(compared: Sequence[Published]) -> list[tuple[str, list[tuple[str, float]]]]:
    """Each change with the models' names and how often their answer falls noticeably."""
    return [
        (change, [(one.offer.model.name, _fell(one.card, change)) for one in compared])
        for change in texts.CHANGES
    ]


def method_text(key: str) -> str:
    return gettext(texts.METHODS[key])


def limit_text(key: str) -> str:
    return gettext(texts.LIMITS[key])


def change_text(key: str) -> str:
    return gettext(texts.CHANGES[key])


def how_measured() -> str:
    return gettext(texts.HOW_MEASURED)


def data_source() -> str:
    return gettext(texts.DATA_SOURCE)


def data_licence() -> str:
    return gettext(texts.DATA_LICENCE)


def _height(curve: Sequence[Sequence[float]], wanted: float) -> float:
    for (left, low), (right, high) in pairwise(curve):
        if left <= wanted <= right:
            return high if right == left else low + (high - low) * (wanted - left) / (right - left)
    return 1.0


def _fell(card: texts.ModelCard, change: str) -> float:
    rows = card["stability"]["directions"]
    return next(row["fell_noticeably"] for row in rows if row["change"] == change)


def when_to_choose(method: str) -> str:
    return str(WHEN[method])
