"""The bins of a version's fields and of its score, and how far other applicants are from its training data.

The bins are frozen: training writes them with the number of its rows in each (`bins.json`), and everybody
who is scored later is counted in the same ones. The distance is the population stability index (PSI).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from predictions.scoring import artifacts
from predictions.scoring.artifacts import BINS, ArtifactError, ArtifactRef
from predictions.scoring.models.columns import Columns, Floats
from predictions.scoring.schema import Applicant

# The name of the score among the fields.
SCORE = "score"
WATCH, DRIFTED = 0.1, 0.25
# With fewer rows, chance alone may pass a threshold. With as many, none of 48,000 drawn fields did.
MIN_ROWS = 300
# Added to each bin of both sides, so that the index is finite.
PSEUDO_ROWS = 0.5

# Rows in each bin, by field and `SCORE`.
Counts: TypeAlias = dict[str, list[int]]


@dataclass(frozen=True)
class FieldBins:
    """Bins of one field or of the score. `rows` are those of the training data in each bin.

    Of numbers, bin i has ``edges[i - 1] <= value < edges[i]``, and one more, the last, has the unknown ones.
    Of choices, each has a bin, and the last one has anything else.
    """

    name: str
    rows: tuple[int, ...]
    edges: tuple[float, ...] = ()
    choices: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Raises `ValueError`."""
        expected = len(self.choices) + 1 if self.choices else len(self.edges) + 2
        if len(self.rows) != expected or sum(self.rows) <= 0 or min(self.rows) < 0:
            raise ValueError(f"{self.name} has {len(self.rows)} bins and not {expected}, or no rows")
        if (np.diff(self.edges) <= 0).any():
            raise ValueError(f"the edges of {self.name} do not rise")

    def count(self, values: Floats) -> list[int]:
        """Return how many of `values` are in each bin: numbers, or positions of choices; NaN if unknown."""
        if self.choices:
            known = (values >= 0) & (values < len(self.choices))
            places = np.where(known, np.where(known, values, 0), len(self.choices)).astype(np.intp)
        else:
            places = np.searchsorted(self.edges, values, side="right")
            places[np.isnan(values)] = len(self.edges) + 1
        counts: list[int] = np.bincount(places, minlength=len(self.rows)).tolist()
        return counts

    def to_dict(self) -> dict[str, Any]:
        own = {"choices": list(self.choices)} if self.choices else {"edges": list(self.edges)}
        return {"name": self.name, "rows": list(self.rows), **own}


@dataclass(frozen=True)
class Bins:
    """The bins of a version, those of the score first. `sha256` is the hash of their file."""

    fields: tuple[FieldBins, ...]
    sha256: str = ""

    def __post_init__(self) -> None:
        """Raises `ValueError`."""
        names = [field.name for field in self.fields]
        if names[:1] != [SCORE] or len(set(names)) != len(names):
            raise ValueError("the bins of the score come first, and each field once")

    @classmethod
    def from_dict(cls, content: Mapping[str, Any], sha256: str = "") -> "Bins":
        """The inverse of `to_dict`. Raises `KeyError`, `TypeError` or `ValueError`."""
        fields = (
            FieldBins(
                field["name"],
                tuple(field["rows"]),
                tuple(field.get("edges", ())),
                tuple(field.get("choices", ())),
            )
            for field in content["fields"]
        )
        return cls(tuple(fields), sha256)

    def to_dict(self) -> dict[str, Any]:
        return {"fields": [field.to_dict() for field in self.fields]}

    def count(self, raw: Floats, columns: Columns, approval: Floats) -> Counts:
        """Count the rows of a raw matrix with `columns` and their probabilities of approval, shape (n,)."""
        return {
            field.name: field.count(approval if field.name == SCORE else raw[:, columns.index[field.name]])
            for field in self.fields
        }

    def count_applicants(self, applicants: Sequence[Applicant], approval: Floats) -> Counts:
        """Count applicants and their probabilities of approval, shape (n,)."""
        return {
            field.name: field.count(approval if field.name == SCORE else _values(field, applicants))
            for field in self.fields
        }


@dataclass(frozen=True)
class Shift:
    """How far the rows of a field are from the training data: `psi` is `raw` less `noise`, at least 0.

    `noise` is what the index of as many rows drawn from the training data is on average.
    """

    raw: float
    noise: float

    @property
    def psi(self) -> float:
        return max(self.raw - self.noise, 0.0)


def shift(expected: Sequence[int], actual: Sequence[int]) -> Shift:
    """Return the PSI of the `actual` rows in each bin against the `expected` ones. Always finite.

    The sum of ``(q - p) * ln(q / p)`` over the shares of the bins, half a row added to each bin on both
    sides; bins that are empty on both sides do not count. The noise is the first term of its expectation,
    ``(bins - 1) * (1 / actual rows + 1 / expected rows)``.
    """
    before, now = np.asarray(expected, dtype=np.float64), np.asarray(actual, dtype=np.float64)
    if not before.sum() or not now.sum():
        return Shift(0.0, 0.0)
    noise = ((before > 0).sum() - 1) * (1 / now.sum() + 1 / before.sum())
    used = (before > 0) | (now > 0)
    p, q = _shares(before[used]), _shares(now[used])
    return Shift(float(((q - p) * np.log(q / p)).sum()), float(noise))


def bins_of(folder: Path, ref: ArtifactRef) -> Bins | None:
    """Return the bins of a version; None if it was trained without, or is not stored any more.

    Raises `ArtifactError`.
    """
    try:
        if ref not in artifacts.versions(folder, ref.slug):
            return None
        listed = artifacts.listed_file(folder, ref, BINS)
    except ArtifactError as error:
        raise ArtifactError(f"The bins of {ref.slug} {ref.version} cannot be read: {error}") from error
    if listed is None:
        return None
    sha256, content = listed
    try:
        return Bins.from_dict(content, sha256)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"The bins of {ref.slug} {ref.version} are not usable: {error}") from error


def added(counts: Mapping[str, Sequence[int]], more: Mapping[str, Sequence[int]]) -> Counts:
    """Return the sums of counts in the same bins; `counts` may be empty."""
    return {
        name: [a + b for a, b in zip(counts.get(name, [0] * len(rows)), rows, strict=True)]
        for name, rows in more.items()
    }


def _shares(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    shares: NDArray[np.float64] = (rows + PSEUDO_ROWS) / (rows.sum() + PSEUDO_ROWS * len(rows))
    return shares


def _values(field: FieldBins, applicants: Sequence[Applicant]) -> Floats:
    """Return the values of a field as in a raw matrix; NaN for what is unknown, or a choice without a bin."""
    found = [applicant.get(field.name) for applicant in applicants]
    if field.choices:
        codes = {value: float(code) for code, value in enumerate(field.choices)}
        return np.array([codes.get(str(value), np.nan) for value in found])
    return np.array(
        [value if isinstance(value, int | float) else np.nan for value in found], dtype=np.float64
    )
