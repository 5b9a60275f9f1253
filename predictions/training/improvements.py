"""Changes of one fact that must never lower the approval, and random people to try them on."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.protocol import COLUMN, Floats, with_share
from predictions.scoring.schema import SHARE_FIELD, number_field

Change = Callable[[Floats], Floats]

# Of the fields with a direction. The names are keys of `scoring.model_card_texts.CHANGES`.
IMPROVEMENTS: tuple[tuple[str, str, Change], ...] = (
    ("income_up_1_percent", "person_income", lambda values: np.ceil(values * 1.01)),
    ("income_up_5_percent", "person_income", lambda values: np.ceil(values * 1.05)),
    ("amount_down_10_percent", "loan_amnt", lambda values: np.maximum(np.floor(values * 0.9), 1)),
    ("rate_down_1_point", "loan_int_rate", lambda values: np.maximum(values - 1, 0)),
    ("grade_one_better", "loan_grade", lambda values: np.maximum(values - 1, 0)),
    ("no_default_on_file", "cb_person_default_on_file", np.zeros_like),
    ("employment_one_year_longer", "person_emp_length", lambda values: values + 1),
    ("history_one_year_longer", "cb_person_cred_hist_length", lambda values: values + 1),
)
SWAPPED = 0.25  # The share of the facts of a random person that are another one's.
SPREAD = 0.05


def changed(raw: Floats, field: str, change: Change) -> Floats:
    """Return a copy of `raw` after the change of a field. The share is recomputed."""
    after = raw.copy()
    after[:, COLUMN[field]] = change(raw[:, COLUMN[field]])
    return with_share(after)


def applies(raw: Floats, field: str, change: Change) -> NDArray[np.bool_]:
    """Return which rows have the fact, and not the best value of it."""
    values = raw[:, COLUMN[field]]
    return np.asarray(~np.isnan(values) & (change(values) != values))


def with_noise(raw: Floats, spread: float, random: np.random.Generator) -> Floats:
    """Return a copy of `raw` with incomes that have moved by a log-normal factor of this spread."""
    moved = np.exp(random.normal(0, spread, len(raw)))
    return changed(raw, "person_income", lambda values: np.maximum(np.round(values * moved), 1))


def random_people(raw: Floats, count: int, random: np.random.Generator) -> Floats:
    """Return about `count` rows of `raw` with facts of other rows, and incomes and amounts moved a bit."""
    people = raw[random.integers(0, len(raw), count)]
    for column in range(people.shape[1]):
        swapped = random.random(count) < SWAPPED
        people[swapped, column] = raw[random.integers(0, len(raw), int(swapped.sum())), column]
    amount = COLUMN["loan_amnt"]
    people[:, amount] = np.maximum(np.round(people[:, amount] * np.exp(random.normal(0, SPREAD, count))), 1)
    people = with_noise(people, SPREAD, random)
    return people[people[:, COLUMN[SHARE_FIELD]] <= number_field(SHARE_FIELD).maximum]


def random_improvements(raw: Floats, random: np.random.Generator) -> Floats:
    """Return a copy of `raw` in which each row has one fact that is better, by a random step."""
    after, kind = raw.copy(), random.integers(0, len(_STEPS), len(raw))
    for number, (field, step) in enumerate(_STEPS):
        rows = kind == number
        after[rows, COLUMN[field]] = step(raw[rows, COLUMN[field]], random)
    return with_share(after)


def _factors(values: Floats, random: np.random.Generator) -> Any:
    return random.choice([1.01, 1.03, 1.05, 1.1, 1.3], len(values))


_STEPS: tuple[tuple[str, Callable[[Floats, np.random.Generator], Floats]], ...] = (
    ("person_income", lambda values, random: np.ceil(values * _factors(values, random))),
    ("person_income", lambda values, random: np.ceil(values * 1.05)),
    ("loan_amnt", lambda values, random: np.maximum(np.floor(values / _factors(values, random)), 1)),
    (
        "loan_int_rate",
        lambda values, random: np.maximum(values - random.choice([0.1, 0.5, 1, 2], len(values)), 0),
    ),
    ("loan_grade", lambda values, _random: np.maximum(values - 1, 0)),
    ("cb_person_default_on_file", lambda values, _random: np.zeros_like(values)),
    ("person_emp_length", lambda values, _random: values + 1),
    ("cb_person_cred_hist_length", lambda values, _random: values + 1),
)
