"""What the two tree models share: their features, and what their files hold besides the trees.

Choices without an order become one column a value, the grade is a number (A = 0), and nothing else is
derived: the exact share of income is already a raw column. Income stays a plain number everywhere.
"""

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.protocol import COLUMN, Floats
from predictions.scoring.schema import FIELDS_BY_NAME, ChoiceField

ELDERLY = 62  # 12 CFR 1002.2(o): "elderly" means age 62 or older.

SETTINGS_KEY = "approval"

ONE_HOT = ("person_home_ownership", "loan_intent")
NUMBERS = tuple(name for name in COLUMN if name not in ONE_HOT)
AGE = NUMBERS.index("person_age")


def _one_hot_layout() -> tuple[NDArray[np.intp], Floats, tuple[str, ...]]:
    columns, codes, names = [], [], []
    for name in ONE_HOT:
        field = FIELDS_BY_NAME[name]
        assert isinstance(field, ChoiceField)
        for code, value in enumerate(field.values):
            columns.append(COLUMN[name])
            codes.append(float(code))
            names.append(f"{name}={value}")
    return np.array(columns), np.array(codes), tuple(names)


_NUMBER_COLUMNS = np.array([COLUMN[name] for name in NUMBERS])
_HOT_COLUMNS, _HOT_CODES, _HOT_NAMES = _one_hot_layout()
FEATURE_NAMES: tuple[str, ...] = NUMBERS + _HOT_NAMES


def tree_features(raw: Floats, elderly_as: float | None = None) -> NDArray[np.float32]:
    """Features of shape (n, 19), float32, NaN where a value is unknown; columns as `FEATURE_NAMES`.

    Applicants of 62 and older get the age `elderly_as`. Being elderly must be no negative factor
    (12 CFR 1002.6(b)(2)), so that is the age which the model favours most; None keeps all ages.
    """
    features = np.empty((len(raw), len(FEATURE_NAMES)), dtype=np.float32)
    features[:, : len(NUMBERS)] = raw.take(_NUMBER_COLUMNS, axis=1)
    features[:, len(NUMBERS) :] = raw.take(_HOT_COLUMNS, axis=1) == _HOT_CODES
    if elderly_as is not None:
        ages = features[:, AGE]
        np.copyto(ages, elderly_as, where=ages >= ELDERLY)
    return features


@dataclass(frozen=True)
class TreeSettings:
    """The calibration, and the age at which applicants of 62 and older are scored.

    They are kept inside the model file, so that one hash covers the whole model.
    """

    calibration: Calibration
    elderly_as: int

    def to_json(self) -> str:
        return json.dumps(
            {"curve": self.calibration.to_dict(), "elderly_as": self.elderly_as, "features": FEATURE_NAMES}
        )

    @classmethod
    def from_json(cls, text: str) -> "TreeSettings":
        """Raises `ValueError` or `KeyError` when the text is none, or names other features than ours."""
        content = json.loads(text)
        if tuple(content["features"]) != FEATURE_NAMES:
            raise ValueError("the model was trained on other features")
        return cls(Calibration.from_dict(content["curve"]), int(content["elderly_as"]))
