"""A made-up data set of the same schema, for CI and tests: same columns, same direction, no person."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from predictions.scoring.schema import FIELDS_BY_NAME, SHARE_FIELD, ChoiceField
from predictions.training.data import LABEL


def synthetic_frame(rows: int, seed: int = 0) -> pd.DataFrame:
    """`rows` loans drawn with `seed`; about a fifth default, and for the reasons that the real ones do."""
    random = np.random.default_rng(seed)
    age = 20 + np.minimum(random.gamma(2, 4, rows), 60).astype(int)
    income = np.clip(random.lognormal(10.9, 0.55, rows), 4_000, 400_000).astype(int)
    amount = np.clip(random.lognormal(9, 0.65, rows) // 100 * 100, 500, 35_000).astype(int)
    grade = np.minimum(random.geometric(0.42, rows) - 1, 6)
    on_file = random.random(rows) < np.where(grade >= 2, 0.5, 0.05)
    home = random.choice(4, rows, p=[0.5, 0.08, 0.41, 0.01])
    intent = random.choice(6, rows)
    share = amount / income
    log_odds = (
        -2.6 + 4.5 * share + 3 * (share > 0.3) * (home == 0) + 1.8 * (grade >= 3) - 1.2 * (home == 1)
        + 0.3 * on_file + 0.2 * (intent == 5) + 0.6 * (home == 0)
    )  # fmt: skip
    frame = pd.DataFrame(
        {
            "person_age": age,
            "person_income": income,
            "person_home_ownership": _named("person_home_ownership", home),
            "person_emp_length": np.minimum(random.gamma(1.4, 3.4, rows).round(), age - 18),
            "loan_intent": _named("loan_intent", intent),
            "loan_grade": _named("loan_grade", grade),
            "loan_amnt": amount,
            "loan_int_rate": np.clip(7 + 2.3 * grade + random.normal(0, 0.8, rows), 5.5, 23).round(2),
            LABEL: (random.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(int),
            SHARE_FIELD: share.round(2),
            "cb_person_default_on_file": _named("cb_person_default_on_file", on_file.astype(int)),
            "cb_person_cred_hist_length": np.clip((age - 20) // 2 + random.integers(2, 5, rows), 2, 30),
        }
    )
    frame.loc[random.random(rows) < 0.1, "loan_int_rate"] = np.nan
    frame.loc[random.random(rows) < 0.03, "person_emp_length"] = np.nan
    return frame


def _named(name: str, codes: NDArray[np.int64]) -> NDArray[np.str_]:
    field = FIELDS_BY_NAME[name]
    assert isinstance(field, ChoiceField)
    return np.array(field.values)[codes]
