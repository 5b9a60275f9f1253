"""What is told of rows that are left out of the training, and of rows that contradict each other."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from predictions.scoring.data_texts import Found
from predictions.scoring.models.protocol import COLUMN, Floats
from predictions.scoring.schema import FIELDS, FIELDS_BY_NAME, SHARE_FIELD, ChoiceField, NumberField
from predictions.training.findings import BadData, found

Rows = NDArray[np.bool_]

# Of rows that are left out for one reason, so many have the same value, and of the others few.
ALIKE, NOT_ALIKE = 0.9, 0.5
# A factor is told if half of the rows are within so much of it, and if it is no rounding.
FACTOR_SPREAD, NO_FACTOR = 0.05, 0.03
MIN_ROWS = 10
MAX_EXAMPLES = 5
# With more of them, a file has two outcomes for the same facts.
MAX_BOTH_OUTCOMES = 0.2
# The header is line 1.
FIRST_LINE = 2


def outside(raw: Floats, fields: list[tuple[NumberField, Rows, Rows]]) -> list[Found]:
    """Return what is told of numbers out of bounds: of each field, the rows beyond and those over the age."""
    told = []
    for field, beyond, over_age in fields:
        for code, rows in (("outside", beyond), ("over_age", over_age & ~beyond)):
            if not rows.any():
                continue
            values = np.unique(raw[rows, COLUMN[field.name]])[::-1][:MAX_EXAMPLES].tolist()
            bounds = {"minimum": field.minimum, "maximum": field.maximum} if code == "outside" else {}
            told.append(found(code, rows=int(rows.sum()), field=field.name, examples=values, **bounds))
    return told


def contradictory(raw: Floats, defaulted: Floats, wrong: Rows) -> list[Found]:
    """Return what is told of the rows whose share is `wrong`: how they end, and what they have in common."""
    if not wrong.any() or wrong.all():
        return []
    rates = {"rate": float(defaulted[wrong].mean()), "other_rate": float(defaulted[~wrong].mean())}
    told = [found("contradictory", rows=int(wrong.sum()), **rates)]
    if wrong.sum() < MIN_ROWS:
        return told
    for field in FIELDS:
        if isinstance(field, ChoiceField):
            told += _alike(field, raw[:, COLUMN[field.name]], wrong)
    income, amount, share = (raw[wrong, COLUMN[name]] for name in ("person_income", "loan_amnt", SHARE_FIELD))
    factors = income * share / amount
    low, middle, high = np.quantile(factors, [0.25, 0.5, 0.75])
    if high - low <= FACTOR_SPREAD and abs(middle - 1) > NO_FACTOR:
        told.append(found("contradictory_factor", factor=round(float(middle), 2)))
    return told


def repeated(frame: pd.DataFrame, defaulted: Floats) -> list[Found]:
    """Return what is told of equal rows. Raises `BadData` if too many of them have both outcomes."""
    facts = frame[[*FIELDS_BY_NAME]]
    told = []
    if again := int(facts.assign(_label=defaulted).duplicated().sum()):
        told.append(found("repeated", rows=again))
    group = facts.groupby([*FIELDS_BY_NAME], dropna=False, sort=False).ngroup().to_numpy()
    rows, defaults = np.bincount(group), np.bincount(group, defaulted)
    both = ((defaults > 0) & (defaults < rows))[group]
    if both.any():
        first = [int(line) + FIRST_LINE for line in np.flatnonzero(group == group[both][0])[:MAX_EXAMPLES]]
        if both.mean() > MAX_BOTH_OUTCOMES:
            raise BadData("contradictory_rows", rate=float(both.mean()), examples=_lines(first))
        told.append(found("both_outcomes", rows=int(both.sum()), examples=_lines(first)))
    return told


def _lines(numbers: list[int]) -> str:
    """Return line numbers as text: they are names, and have no separators."""
    return ", ".join(map(str, numbers))


def _alike(field: ChoiceField, codes: Floats, wrong: Rows) -> list[Found]:
    for code, value in enumerate(field.values):
        rates = {
            "rate": float((codes[wrong] == code).mean()),
            "other_rate": float((codes[~wrong] == code).mean()),
        }
        if rates["rate"] >= ALIKE and rates["other_rate"] <= NOT_ALIKE:
            return [found("contradictory_alike", field=field.name, value=value, **rates)]
    return []
