"""Looks for fields that give the outcome away, and for marks that real applicants do not have.

All figures of this page are out of sample: the rates of the values of a field come from other rows than those
that they are tried on. What a limit means, and how often it is wrong, is in `docs/models.md`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from predictions.scoring.data_texts import Found
from predictions.scoring.measures import roc_auc
from predictions.scoring.models.protocol import Floats
from predictions.scoring.schema import FIELDS, ChoiceField, Field
from predictions.training.findings import BadData, found
from predictions.training.patterns import Codes, Pattern, choices, patterns, plain, smooth

# More than this, nothing of a field can tell alone: whole models reach 0.93 on the public data, its best
# field 0.72. What is no fact, such as a last digit, must not tell much more than the value as a whole either.
MAX_AUC, PATTERN_MARGIN = 0.85, 0.05
# Rows that have the same value and nearly all default, or never: so large a share of their outcome.
MAX_GROUP, MAX_PATTERN_GROUP = 0.20, 0.05
NEARLY_ALL = 0.95
MIN_GROUP = 50
# A mark: so many standard deviations and so much of the default rate beside rows with similar values.
MARK_Z, MARK_DIFFERENCE = 6.0, 0.05
# Of single values and empty cells, so much is told.
ODD_DIFFERENCE = 0.10
# Rows on each side of a value that it must stand out from.
NEIGHBORS = 400
MAX_MARKS, MAX_EXAMPLES = 4, 5
FOLDS = 5
# Small groups lean towards the mean of all by so many rows.
SMOOTHING = 10.0


@dataclass(frozen=True)
class _Field:
    """A column: `values` (n,), `defaulted` 0.0 or 1.0, and `expected`, the default rate of similar values."""

    name: str
    values: Floats
    defaulted: Floats
    expected: Floats
    value_auc: float
    fold: Codes


@dataclass(frozen=True)
class _Groups:
    """Sums over the rows of each code of a pattern."""

    rows: Floats
    defaulted: Floats
    expected: Floats
    variance: Floats

    @property
    def rate(self) -> Floats:
        return self.defaulted / np.maximum(self.rows, 1)

    @property
    def z(self) -> Floats:
        """How far the defaults are from what was expected, in standard deviations; 0 for small groups."""
        z = (self.defaulted - self.expected) / np.sqrt(np.maximum(self.variance, 1e-9))
        return np.where(self.rows >= MIN_GROUP, z, 0.0)


def look_for_leaks(frame: pd.DataFrame, defaulted: Floats) -> list[Found]:
    """Return the marks and odd groups of all fields. Raises `BadData` if a field gives the outcome away.

    Takes the columns as they are in the file, which may have what the models never get, such as decimals of a
    rounded share. Rows that repeat another one count once.
    """
    once = ~frame.assign(_label=defaulted).duplicated().to_numpy()
    frame, defaulted = frame[once], defaulted[once]
    fold = np.random.default_rng(0).permutation(len(frame)) % FOLDS
    marks = [mark for field in FIELDS for mark in _look(field, frame[field.name], defaulted, fold)]
    marked = any(mark["code"] == "mark" for mark in marks)
    return [*marks, found("remedy")] if marked else marks or [found("clean")]


def _look(field: Field, column: "pd.Series[Any]", defaulted: Floats, fold: Codes) -> list[Found]:
    if isinstance(field, ChoiceField):
        ways = [choices(np.asarray(column.astype(str), dtype=np.str_))]
        values, codes = ways[0].codes.astype(float), ways[0].codes
    else:
        values = np.asarray(column, dtype=np.float64)
        ways, codes = list(patterns(values)), smooth(values)
    expected = _encoded(codes, defaulted, fold)
    seen = _Field(field.name, values, defaulted, expected, roc_auc(defaulted, expected), fold)
    _refuse(seen, ways)
    odd = [group for way in ways for group in _odd_groups(seen, way)]
    return odd if isinstance(field, ChoiceField) else odd + _marks(seen, ways)


def _encoded(codes: Codes, defaulted: Floats, fold: Codes) -> Floats:
    """Return the default rate of each row's code in the rows of other folds."""
    out, count, mean = np.empty(len(codes)), int(codes.max()) + 1, defaulted.mean()
    for number in range(FOLDS):
        learn, held_out = fold != number, fold == number
        more = np.bincount(codes[learn], defaulted[learn] - mean, count)
        rows = np.bincount(codes[learn], minlength=count)
        out[held_out] = mean + (more / (rows + SMOOTHING))[codes[held_out]]
    return out


def _groups(field: _Field, way: Pattern) -> _Groups:
    count, expected = len(way.names), field.expected
    return _Groups(
        np.bincount(way.codes, minlength=count).astype(float),
        *(
            np.bincount(way.codes, each, count).astype(float)
            for each in (field.defaulted, expected, np.maximum(expected * (1 - expected), 1e-4))
        ),
    )


def _refuse(field: _Field, ways: list[Pattern]) -> None:
    """Raise `BadData` if the field tells the outcome, or marks a large part of the rows with one outcome."""
    aucs = {way.kind: _auc(field, way) for way in ways}
    telling = [way for way in ways if aucs[way.kind] > max(MAX_AUC, field.value_auc + PATTERN_MARGIN)]
    if field.value_auc > MAX_AUC and not telling:
        raise _leak(field, "value", field.value_auc, ways[-1])
    if telling:
        # The simplest of those that tell nearly as much as the best.
        best = max(aucs[way.kind] for way in telling)
        way = next(way for way in telling if aucs[way.kind] > best - 0.02)
        raise _leak(field, way.kind, aucs[way.kind], way)
    if marked := [one for way in ways for one in _marked_groups(field, way)]:
        raise max(marked, key=lambda one: one[0])[1]


def _auc(field: _Field, way: Pattern) -> float:
    if way.kind == "value":
        return field.value_auc
    return roc_auc(field.defaulted, _encoded(way.codes, field.defaulted, field.fold))


def _leak(field: _Field, what: str, auc: float, way: Pattern) -> BadData:
    """Return the refusal of a field with this AUC; its example is the group farthest from the mean."""
    groups = _groups(field, way)
    at = int(np.argmax(np.abs(groups.defaulted - groups.rows * field.defaulted.mean())))
    others = (field.defaulted.sum() - groups.defaulted[at]) / max(len(way.codes) - groups.rows[at], 1)
    return BadData(
        "leak",
        field=field.name,
        what=what,
        auc=round(auc, 3),
        limit=MAX_AUC,
        rows=int(groups.rows[at]),
        where=_where(way, at),
        rate=float(groups.rate[at]),
        other_rate=float(others),
    )


def _marked_groups(field: _Field, way: Pattern) -> Iterator[tuple[float, BadData]]:
    """Yield large groups of rows with one value that nearly all default, or never do, with their share."""
    groups, defaults = _groups(field, way), field.defaulted.sum()
    limit = MAX_GROUP if way.kind in ("value", "exact") else MAX_PATTERN_GROUP
    enough = (groups.rows >= MIN_GROUP) & _no_chance(field, groups)
    for pure, share in (
        (groups.rate >= NEARLY_ALL, groups.defaulted / defaults),
        (groups.defaulted == 0, groups.rows / (len(field.defaulted) - defaults)),
    ):
        for at in np.flatnonzero(pure & enough & (share >= limit)):
            yield (
                float(share[at]),
                BadData(
                    "leak_group",
                    field=field.name,
                    rows=int(groups.rows[at]),
                    where=_where(way, int(at)),
                    rate=float(groups.rate[at]),
                    share_rate=float(share[at]),
                ),
            )


def _no_chance(field: _Field, groups: _Groups) -> NDArray[np.bool_]:
    """Return which groups are far from the default rate of all rows: `MARK_Z` standard deviations."""
    mean = field.defaulted.mean()
    far = np.abs(groups.defaulted - groups.rows * mean)
    return np.asarray(far >= MARK_Z * np.sqrt(np.maximum(groups.rows, 1) * mean * (1 - mean)))


def _odd_groups(field: _Field, way: Pattern) -> Iterator[Found]:
    """Yield what is no reason to refuse, but odd: choices with one outcome, and empty cells that tell."""
    if way.kind not in ("value", "empty"):
        return
    groups = _groups(field, way)
    apart = np.abs(groups.rate - field.defaulted.mean()) >= ODD_DIFFERENCE
    pure = (groups.defaulted == groups.rows) | (groups.defaulted == 0)
    odd = pure if way.kind == "value" else apart & (np.array(way.names) != "")
    for at in np.flatnonzero(odd & (groups.rows >= MIN_GROUP) & _no_chance(field, groups)):
        others = float((field.defaulted.sum() - groups.defaulted[at]) / (len(way.codes) - groups.rows[at]))
        yield found(
            "odd_group",
            field=field.name,
            rows=int(groups.rows[at]),
            where=_where(way, int(at)),
            rate=float(groups.rate[at]),
            other_rate=others,
        )


def _marks(field: _Field, ways: list[Pattern]) -> list[Found]:
    """Return the marks of a number, the clearest first: patterns of digits, or else exact values."""
    digits = [way for way in ways if way.kind not in ("exact", "fraction")]
    marks = [mark for way in digits for mark in _standing_out(field, way)]
    if not marks:
        marks = [mark for way in ways if way.kind == "exact" for mark in _standing_out(field, way)]
    marks.sort(key=lambda mark: -mark[0])
    return [mark for _z, mark in marks[:MAX_MARKS]]


def _standing_out(field: _Field, way: Pattern) -> Iterator[tuple[float, Found]]:
    groups = _groups(field, way)
    difference = (groups.defaulted - groups.expected) / np.maximum(groups.rows, 1)
    for at in np.flatnonzero((np.abs(groups.z) >= MARK_Z) & (np.abs(difference) >= MARK_DIFFERENCE)):
        if way.kind == "exact" and not _beyond_neighbors(field, way, int(at)):
            continue
        yield (
            float(abs(groups.z[at])),
            found(
                "mark",
                field=field.name,
                rows=int(groups.rows[at]),
                where=_where(way, int(at)),
                examples=_examples(field, way, int(at)),
                rate=float(groups.rate[at]),
                expected_rate=float(groups.expected[at] / groups.rows[at]),
            ),
        )


def _beyond_neighbors(field: _Field, way: Pattern, at: int) -> bool:
    """Return whether the rate of a value is beyond that of the rows below it and of those above it.

    Where the risk rises steeply, a value differs from its surroundings without a mark.
    """
    order = np.argsort(field.values, kind="stable")
    place = np.flatnonzero(way.codes[order] == at)
    below, above = order[max(place[0] - NEIGHBORS, 0) : place[0]], order[place[-1] + 1 :][:NEIGHBORS]
    if min(len(below), len(above)) < MIN_GROUP:
        return False
    rate = field.defaulted[order[place]].mean()
    sides = [rate - field.defaulted[side].mean() for side in (below, above)]
    return bool(min(sides) > ODD_DIFFERENCE or max(sides) < -ODD_DIFFERENCE)


def _where(way: Pattern, at: int) -> dict[str, str]:
    """Return which rows a code of the pattern means: a key of `data_texts.ROWS` with its value."""
    name = way.names[at]
    if way.kind == "empty":
        return {"empty" if name else "given": name}
    if way.kind == "fraction":
        return {"fraction": name or "0"}
    if not name:
        return {"empty": name}
    if (way.kind, name) == ("steps", "0"):
        return {"multiple": name}
    return {"value" if way.kind == "exact" else way.kind: name}


def _examples(field: _Field, way: Pattern, at: int) -> list[int | float | str]:
    """Return the values of the rows that are most frequent."""
    values, counts = np.unique(field.values[way.codes == at], return_counts=True)
    values, counts = values[~np.isnan(values)], counts[~np.isnan(values)]
    often = np.sort(values[np.argsort(-counts, kind="stable")[:MAX_EXAMPLES]])
    return [int(value) if float(value).is_integer() else plain(value) for value in often]
