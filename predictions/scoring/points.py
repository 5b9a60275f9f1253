"""The scorecard as people read it: labelled tables, and how one applicant's points add up."""

from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

from predictions.scoring.artifacts import ArtifactError, ArtifactRef, load
from predictions.scoring.models.scorecard import Axis, Scorecard, Term
from predictions.scoring.schema import Applicant, Value


@dataclass(frozen=True)
class Bin:
    """Values from `low` up to, not including, `high` (None: no end), or one `choice`, or `unknown` ones."""

    low: float | None = None
    high: float | None = None
    choice: str | None = None
    unknown: bool = False


@dataclass(frozen=True)
class PointTable:
    """Points by one field (`points[i]`, one row) or by two (`points[i][j]`), for `bins` of each field."""

    fields: tuple[str, ...]
    bins: tuple[tuple[Bin, ...], ...]
    points: list[int] | list[list[int]]


@dataclass(frozen=True)
class PointsPart:
    """What one table gives to an applicant, and the bins in which the values fall."""

    fields: tuple[str, ...]
    values: tuple[Value, ...]
    bins: tuple[Bin, ...]
    points: int


@dataclass(frozen=True)
class PointsSum:
    """`base` + the points of `parts` = `total`, which stands for `approval_probability`."""

    base: int
    parts: tuple[PointsPart, ...]
    total: int
    approval_probability: float


@dataclass(frozen=True)
class ProbabilityStep:
    """All totals from `lowest` to `highest` stand for the same probability of approval."""

    lowest: int
    highest: int
    approval_probability: float


def point_tables(folder: Path, ref: ArtifactRef) -> list[PointTable]:
    """All tables of the scorecard. Raises `ArtifactError`, also when the model is no scorecard."""
    return [
        PointTable(_fields(term), tuple(_bins(axis) for axis in term.axes), term.points.tolist())
        for term in _scorecard(folder, ref).terms
    ]


def add_up(folder: Path, ref: ArtifactRef, applicant: Applicant) -> PointsSum:
    """The sum that a person with these tables would write down. Raises as `point_tables`."""
    scorecard = _scorecard(folder, ref)
    parts = tuple(_part(scorecard, term, applicant) for term in scorecard.terms)
    total = scorecard.base + sum(part.points for part in parts)
    probability = float(scorecard.probabilities[total - scorecard.lowest])
    return PointsSum(scorecard.base, parts, total, probability)


def probability_steps(folder: Path, ref: ArtifactRef) -> list[ProbabilityStep]:
    """Every total of points with its probability, from the lowest up. Raises as `point_tables`."""
    scorecard = _scorecard(folder, ref)
    totals = enumerate(scorecard.probabilities.tolist(), scorecard.lowest)
    steps = [
        (value, [total for total, _ in group]) for value, group in groupby(totals, key=lambda pair: pair[1])
    ]
    return [ProbabilityStep(group[0], group[-1], value) for value, group in steps]


def _scorecard(folder: Path, ref: ArtifactRef) -> Scorecard:
    model = load(folder, ref)
    if not isinstance(model, Scorecard):
        raise ArtifactError(f"{ref.slug} is no scorecard.")
    return model


def _part(card: Scorecard, term: Term, applicant: Applicant) -> PointsPart:
    cells = [int(found[0]) for found in term.cells(card.columns.to_raw([applicant]))]
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
