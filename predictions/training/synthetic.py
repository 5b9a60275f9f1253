"""Synthetic loans with the columns of the training data and similar relations, for CI and tests."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from predictions.scoring.schema import FIELDS, SHARE_FIELD, ChoiceField, choice_field, number_field
from predictions.training.data import LABEL
from predictions.training.parts import AGE, MIN_AGE

# The share of each kind of housing; other kinds share the rest.
HOMES = {"RENT": 0.5, "OWN": 0.08, "MORTGAGE": 0.41}


def synthetic_frame(rows: int, seed: int = 0) -> pd.DataFrame:
    """Return `rows` random loans. About a fifth default, for reasons similar to those in the real data."""
    random = np.random.default_rng(seed)
    grades, purposes = choice_field("loan_grade").values, choice_field("loan_intent").values
    age = MIN_AGE + np.minimum(random.gamma(2, 4, rows), AGE.trained_to - MIN_AGE).astype(int)
    income = _within("person_income", np.clip(random.lognormal(10.9, 0.55, rows), 4_000, 400_000)).astype(int)
    amount = _within("loan_amnt", np.clip(random.lognormal(9, 0.65, rows) // 100 * 100, 500, 35_000)).astype(
        int
    )
    grade = np.minimum(random.geometric(0.42, rows) - 1, len(grades) - 1)
    on_file = random.random(rows) < np.where(grade >= 2, 0.5, 0.05)
    home = _homes(random, rows)
    purpose = np.array(purposes)[random.choice(len(purposes), rows)]
    share = amount / income
    log_odds = (
        -2.6 + 4.5 * share + 3 * (share > 0.3) * (home == "RENT") + 1.8 * (grade >= 3) - 1.2 * (home == "OWN")
        + 0.3 * on_file + 0.2 * (purpose == "DEBTCONSOLIDATION") + 0.6 * (home == "RENT")
    )  # fmt: skip
    years_employed = np.minimum(random.gamma(1.4, 3.4, rows).round(), age - AGE.minimum)
    rate = np.clip(7 + 2.3 * grade + random.normal(0, 0.8, rows), 5.5, 23).round(2)
    defaulted = random.random(rows) < 1 / (1 + np.exp(-log_odds))
    history = np.clip((age - MIN_AGE) // 2 + random.integers(2, 5, rows), 2, 30).astype(float)
    frame = pd.DataFrame(
        {
            "person_age": age,
            "person_income": income,
            "person_home_ownership": home,
            "person_emp_length": _within("person_emp_length", years_employed),
            "loan_intent": purpose,
            "loan_grade": np.array(grades)[grade],
            "loan_amnt": amount,
            "loan_int_rate": _within("loan_int_rate", rate),
            LABEL: defaulted.astype(int),
            SHARE_FIELD: share.round(2),
            "cb_person_default_on_file": np.where(on_file, "Y", "N"),
            "cb_person_cred_hist_length": _within("cb_person_cred_hist_length", history).astype(int),
        }
    )
    frame.loc[random.random(rows) < 0.1, "loan_int_rate"] = np.nan
    frame.loc[random.random(rows) < 0.03, "person_emp_length"] = np.nan
    return _with_other_fields(frame, random)


def _within(name: str, values: NDArray[np.float64]) -> NDArray[np.float64]:
    field = number_field(name)
    return np.clip(values, field.minimum, field.maximum)


def _homes(random: np.random.Generator, rows: int) -> NDArray[np.str_]:
    values = choice_field("person_home_ownership").values
    others = [value for value in values if value not in HOMES]
    shares = [HOMES.get(value) or (1 - sum(HOMES.values())) / len(others) for value in values]
    return np.array(values)[random.choice(len(values), rows, p=np.divide(shares, sum(shares)))]


def _with_other_fields(frame: pd.DataFrame, random: np.random.Generator) -> pd.DataFrame:
    """Add the other fields of the schema, drawn from a uniform distribution."""
    for field in FIELDS:
        if field.name in frame:
            continue
        if isinstance(field, ChoiceField):
            frame[field.name] = random.choice(field.values, len(frame))
        else:
            numbers = random.uniform(field.trained_from, field.trained_to, len(frame))
            frame[field.name] = numbers.astype(int) if field.integer else numbers.round(2)
    return frame
