"""Fairness by age: figures for the model card.

12 CFR 1002.6(b)(2) (Regulation B) lets a sound scoring system use age only if being elderly (62 or
older) is not a negative factor: an elderly applicant must not get less than at the most favored age.
"""

from typing import Any

from predictions.scoring.models.protocol import COLUMN, Floats
from predictions.scoring.models.trees import ELDERLY
from predictions.training.parts import AGE, age_bands
from predictions.training.stability import NOTICEABLE, Predict

THRESHOLD = 0.5
OTHER_AGES = tuple(age for age in (22, 25, 30, 35, 40, 45, 50, 55, 61) if age >= AGE.minimum)
TOLERANCE = 0.001  # In approval, because the favored age is chosen on another sample of rows.
FOUR_FIFTHS = 0.8  # 29 CFR 1607.4(D): below four fifths of the best rate is considered adverse impact.


def fairness(raw: Floats, approved: Floats, probability: Floats, predict: Predict) -> dict[str, Any]:
    """Return the approval ratio and calibration by age band, and the check for the elderly.

    The ratio divides each band's approval rate at `THRESHOLD` by the highest band's.
    """
    bands = {name: rows for name, rows in age_bands(raw).items() if rows.any()}
    rates = {name: float((probability[rows] >= THRESHOLD).mean()) for name, rows in bands.items()}
    best = max(rates.values())
    return {
        "cut_off": THRESHOLD,
        "bands": [
            {
                "name": name,
                "count": int(rows.sum()),
                "approval_rate": _r(rates[name]),
                "approval_ratio": _r(rates[name] / best),
                "above_four_fifths": bool(rates[name] / best >= FOUR_FIFTHS),
                "predicted": _r(probability[rows].mean()),
                "observed": _r(approved[rows].mean()),
            }
            for name, rows in bands.items()
        ],
        "elderly": _elderly(raw, predict),
    }


def _elderly(raw: Floats, predict: Predict) -> dict[str, Any]:
    """Compare the mean approval of all rows at the age of 62 with that at the other ages.

    All other fields stay unchanged, so the difference is the effect of age.
    """
    means = {age: float(_at_age(raw, predict, age).mean()) for age in (ELDERLY, *OTHER_AGES)}
    favored = max(OTHER_AGES, key=lambda age: means[age])
    elderly = _at_age(raw, predict, ELDERLY)
    loss = _at_age(raw, predict, favored) - elderly
    return {
        "from_age": ELDERLY,
        "count": int((raw[:, COLUMN["person_age"]] >= ELDERLY).sum()),
        "mean_approval": _r(means[ELDERLY]),
        "most_favoured_age": favored,
        "mean_approval_at_most_favoured_age": _r(means[favored]),
        "noticeably_less": _r((loss > NOTICEABLE).mean()),
        "age_is_no_negative_factor": bool(means[ELDERLY] >= means[favored] - TOLERANCE),
    }


def _at_age(raw: Floats, predict: Predict, age: int) -> Floats:
    changed = raw.copy()
    changed[:, COLUMN["person_age"]] = age
    return predict(changed)


def _r(value: Any) -> float:
    return round(float(value), 6)
