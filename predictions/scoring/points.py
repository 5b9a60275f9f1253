"""The tables of the scorecard, and how one applicant's points add up."""

from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

from predictions.scoring.artifacts import ArtifactError, ArtifactRef, load
from predictions.scoring.models.scorecard import Scorecard
from predictions.scoring.models.scorecard_terms import Axis, Term
from predictions.scoring.schema import Applicant, Value


@dataclass(frozen=True)
class Bin:
    """Numbers from `low` to below `high` (None: no limit), or one `choice`, or `unknown` values."""

    low: float | None = None
    high: float | None = None
    choice: str | None = None
    unknown: bool = False


@dataclass(frozen=True)
class PointTable:
    """Points by one field (`points[i]`) or by two (`points[i][j]`). `bins` are the bins of each field."""

    fields: tuple[str, ...]
    bins: tuple[tuple[Bin, ...], ...]
    points: list[int] | list[list[int]]


@dataclass(frozen=True)
class PointsPart:
    """The points that an applicant gets from one table, with the values and their bins."""

    fields: tuple[str, ...]
    values: tuple[Value, ...]
    bins: tuple[Bin, ...]
    points: int


@dataclass(frozen=True)
class PointsSum:
    """`base` + the points of `parts` = `total`, which corresponds to `approval_probability`."""

    base: int
    parts: tuple[PointsPart, ...]
    total: int
    approval_probability: float


@dataclass(frozen=True)
class ProbabilityStep:
    """The totals from `lowest` to `highest`, inclusive, which have the same probability of approval."""

    lowest: int
    highest: int
    approval_probability: float


def point_tables(folder: Path, ref: ArtifactRef) -> list[PointTable]:
    """Return all tables of the scorecard. Raises `ArtifactError`, also if the model is not a scorecard."""
    return [
        PointTable(_fields(term), tuple(_bins(axis) for axis in term.axes), term.points.tolist())
        for term in _scorecard(folder, ref).terms
    ]


def add_up(folder: Path, ref: ArtifactRef, applicant: Applicant) -> PointsSum:
    """Add up the applicant's points from the tables. Raises the same errors as `point_tables`."""
    scorecard = _scorecard(folder, ref)
    parts = tuple(_part(scorecard, term, applicant) for term in scorecard.terms)
    total = scorecard.base + sum(part.points for part in parts)
    probability = float(scorecard.probabilities[total - scorecard.lowest])
    return PointsSum(scorecard.base, parts, total, probability)


def probability_steps(folder: Path, ref: ArtifactRef) -> list[ProbabilityStep]:
    """Return every total with its probability, lowest first. Raises the same errors as `point_tables`."""
    scorecard = _scorecard(folder, ref)
    totals = enumerate(scorecard.probabilities.tolist(), scorecard.lowest)
    steps = [
        (value, [total for total, _ in group]) for value, group in groupby(totals, key=lambda pair: pair[1])
    ]
    return [ProbabilityStep(group[0], group[-1], value) for value, group in steps]


def _scorecard(folder: Path, ref: ArtifactRef) -> Scorecard:
    model = load(folder, ref)
    if not isinstance(model, Scorecard):
        raise ArtifactError(f"{ref.slug} is not a scorecard.")
    return model


def _part(scorecard: Scorecard, term: Term, applicant: Applicant) -> PointsPart:
    cells = [int(rows[0]) for rows in term.cells(scorecard.columns.to_raw([applicant]))]
    bins = tuple(_bins(axis)[cell] for axis, cell in zip(term.axes, cells, strict=True))
    values = tuple(applicant[axis.field] for axis in term.axes)
    return PointsPart(_fields(term), values, bins, int(term.points[tuple(cells)]))


def _fields(term: Term) -> tuple[str, ...]:
    return tuple(axis.field for axis in term.axes)


def _bins(axis: Axis) -> tuple[Bin, ...]:
    if axis.column.choices:
        return tuple(Bin(choice=value) for value in axis.column.choices)
    ends = (None, *axis.bin_edges, None)
    numbers = [Bin(low, high) for low, high in pairwise(ends)]
    return (*numbers, Bin(unknown=True)) if axis.column.nullable else tuple(numbers)
