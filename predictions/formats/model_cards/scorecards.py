"""The scorecard's tables of points, with an example that is added up."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext

from predictions.formats.applicants import in_words
from predictions.formats.model_cards.texts import amount, field_label
from predictions.formats.numbers import plain_percent, whole, whole_percent
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.points import (
    Bin,
    PointsPart,
    PointTable,
    ProbabilityStep,
    add_up,
    point_tables,
    probability_steps,
)
from predictions.scoring.schema import EXAMPLE, FIELDS_BY_NAME

# The probabilities for which the page shows the required points.
LANDMARKS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)


@dataclass(frozen=True)
class ExampleRow:
    """The points for one or two facts. A fact is a label and a value in words."""

    facts: list[tuple[str, str]]
    points: str


@dataclass(frozen=True)
class Example:
    base: str
    rows: list[ExampleRow]
    total: str
    approval_probability: str


@dataclass(frozen=True)
class Landmark:
    """The lowest total that reaches a probability."""

    total: str
    probability: str


@dataclass(frozen=True)
class PointsRow:
    label: str
    points: list[int]


@dataclass(frozen=True)
class TableOfPoints:
    """Rows for the bins of the first field. `columns` are the bins of the second, empty without one."""

    field_labels: list[str]
    columns: list[str]
    rows: list[PointsRow]


@dataclass(frozen=True)
class ScorecardPoints:
    example: Example
    landmarks: list[Landmark]
    tables: list[TableOfPoints]


def scorecard_points(ref: ArtifactRef) -> ScorecardPoints:
    """Return the tables and the example. Raises `ArtifactError` if the model is not a usable scorecard."""
    folder = settings.ARTIFACTS_DIR
    return ScorecardPoints(
        _example(ref),
        _landmarks(probability_steps(folder, ref)),
        [_table(table) for table in point_tables(folder, ref)],
    )


def _example(ref: ArtifactRef) -> Example:
    total = add_up(settings.ARTIFACTS_DIR, ref, parse_applicant(EXAMPLE))
    return Example(
        base=whole(total.base),
        rows=[ExampleRow(_facts(part), whole(part.points)) for part in total.parts],
        total=whole(total.total),
        approval_probability=plain_percent(total.approval_probability, 4),
    )


def _facts(part: PointsPart) -> list[tuple[str, str]]:
    return [
        (field_label(name), in_words(FIELDS_BY_NAME[name], value))
        for name, value in zip(part.fields, part.values, strict=True)
    ]


def _landmarks(steps: Sequence[ProbabilityStep]) -> list[Landmark]:
    return [
        Landmark(
            whole(next(step.lowest for step in steps if step.approval_probability >= mark)),
            whole_percent(mark),
        )
        for mark in LANDMARKS
        if steps[-1].approval_probability >= mark
    ]


def _table(table: PointTable) -> TableOfPoints:
    labels = [
        [_bin_label(name, part) for part in bins] for name, bins in zip(table.fields, table.bins, strict=True)
    ]
    points = [row if isinstance(row, list) else [row] for row in table.points]
    return TableOfPoints(
        field_labels=[field_label(name) for name in table.fields],
        columns=labels[1] if len(labels) > 1 else [],
        rows=[PointsRow(label, row) for label, row in zip(labels[0], points, strict=True)],
    )


def _bin_label(name: str, part: Bin) -> str:
    """``below 10,000``, ``10,000 to 12,000``, ``300,000 or more``, ``Rents`` or ``unknown``."""
    if part.choice is not None or part.unknown:
        return in_words(FIELDS_BY_NAME[name], part.choice)
    low = None if part.low is None else amount(name, part.low)
    high = None if part.high is None else amount(name, part.high)
    if low is None:
        return gettext("below %(high)s") % {"high": high}
    if high is None:
        return gettext("%(low)s or more") % {"low": low}
    return gettext("%(low)s to %(high)s") % {"low": low, "high": high}
