"""Is the model fair to every age? Figures for the card.

12 CFR 1002.6(b)(2) (Regulation B) lets a sound scoring system use age only if being elderly (62 or
older) is no negative factor: an elderly applicant must not get less than the most favoured age would.
"""

from typing import Any

from predictions.scoring.models.protocol import COLUMN, Floats
from predictions.scoring.models.trees import ELDERLY
from predictions.training.parts import AGE, age_bands
from predictions.training.stability import NOTICEABLE, Predict

THRESHOLD = 0.5
OTHER_AGES = tuple(age for age in (22, 25, 30, 35, 40, 45, 50, 55, 61) if age >= AGE.minimum)
SLACK = 0.001  # Of approval: what the choice of the age on another sample of rows may cost.
FOUR_FIFTHS = 0.8  # 29 CFR 1607.4(D): below four fifths of the best rate is read as adverse impact.


def fairness(raw: Floats, approved: Floats, probability: Floats, predict: Predict) -> dict[str, Any]:
    """Approval ratio and calibration by age band, and the check for the elderly.

    The ratio compares each band's approval rate at `THRESHOLD` with the highest band's.
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
    """What an age of 62 or more does by itself: everybody's approval at that age, and at the others.

    All else stays as it is in each row, so the difference is the factor that the model gives to the age.
    """
    means = {age: float(_at_age(raw, predict, age).mean()) for age in (ELDERLY, *OTHER_AGES)}
    favoured = max(OTHER_AGES, key=lambda age: means[age])
    own = _at_age(raw, predict, ELDERLY)
    loss = _at_age(raw, predict, favoured) - own
    return {
        "from_age": ELDERLY,
        "count": int((raw[:, COLUMN["person_age"]] >= ELDERLY).sum()),
        "mean_approval": _r(means[ELDERLY]),
        "most_favoured_age": favoured,
        "mean_approval_at_most_favoured_age": _r(means[favoured]),
        "noticeably_less": _r((loss > NOTICEABLE).mean()),
        "age_is_no_negative_factor": bool(means[ELDERLY] >= means[favoured] - SLACK),
    }


def _at_age(raw: Floats, predict: Predict, age: int) -> Floats:
    changed = raw.copy()
    changed[:, COLUMN["person_age"]] = age
    return predict(changed)


def _r(value: Any) -> float:
    return round(float(value), 6)
