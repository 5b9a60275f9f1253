"""What the two tree models share: their features, and what their files hold besides the trees.

Choices without an order become one column a value, those with an order are a number (the best is 0), and
nothing else is derived: the exact share of income is already a raw column. Income stays a plain number.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.columns import Columns
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.schema import FIELDS, ChoiceField

ELDERLY = 62  # 12 CFR 1002.2(o): "elderly" means age 62 or older.

SETTINGS_KEY = "approval"


class TreeFeatures:
    """Turns a raw matrix of `columns` into the features `names`: numbers, then ``field=value`` of choices.

    Raises `ValueError` when `columns` do not give such features.
    """

    def __init__(self, columns: Columns, names: Sequence[str]) -> None:
        self.columns, self.names = columns, tuple(names)
        numbers = [name for name in names if "=" not in name]
        hot = [name.split("=", 1) for name in names[len(numbers) :]]
        try:
            self._number_columns = np.array([columns.index[name] for name in numbers])
            self._hot_columns = np.array([columns.index[name] for name, _value in hot])
            self._hot_codes = np.array([float(columns[name].choices.index(value)) for name, value in hot])
            self._age = numbers.index("person_age")
        except (KeyError, ValueError) as error:
            raise ValueError(f"the model was trained on other features: {error}") from None

    def __call__(self, raw: Floats, elderly_as: float | None = None) -> NDArray[np.float32]:
        """Features of shape (n, features), float32, NaN where a value is unknown.

        Applicants of 62 and older get the age `elderly_as`. Being elderly must be no negative factor
        (12 CFR 1002.6(b)(2)), so that is the age which the model favours most; None keeps all ages.
        """
        numbers = len(self._number_columns)
        features = np.empty((len(raw), len(self.names)), dtype=np.float32)
        features[:, :numbers] = raw.take(self._number_columns, axis=1)
        features[:, numbers:] = raw.take(self._hot_columns, axis=1) == self._hot_codes
        if elderly_as is not None:
            ages = features[:, self._age]
            np.copyto(ages, elderly_as, where=ages >= ELDERLY)
        return features


def _names() -> tuple[str, ...]:
    one_hot = [field for field in FIELDS if isinstance(field, ChoiceField) and not field.ordered]
    hot = [f"{field.name}={value}" for field in one_hot for value in field.values]
    return (*(field.name for field in FIELDS if field not in one_hot), *hot)


tree_features = TreeFeatures(LIVE, _names())


@dataclass(frozen=True)
class TreeSettings:
    """The calibration, the age at which applicants of 62 and older are scored, and the features.

    They are kept inside the model file, so that one hash covers the whole model.
    """

    calibration: Calibration
    elderly_as: int
    features: TreeFeatures = tree_features

    def to_json(self) -> str:
        return json.dumps(
            {
                "curve": self.calibration.to_dict(),
                "elderly_as": self.elderly_as,
                "features": self.features.names,
            }
        )

    @classmethod
    def from_json(cls, text: str, columns: Columns) -> "TreeSettings":
        """Raises `ValueError` or `KeyError` when the text is none, or `columns` lack its features."""
        content = json.loads(text)
        return cls(
            Calibration.from_dict(content["curve"]),
            int(content["elderly_as"]),
            TreeFeatures(columns, content["features"]),
        )

    def features_of(self, raw: Floats) -> NDArray[np.float32]:
        """The features of a raw matrix, with the age of the elderly put in."""
        return self.features(raw, self.elderly_as)
