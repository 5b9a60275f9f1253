"""The features of the two tree models, and the settings that their files contain besides the trees.

A choice without an order becomes one column per value; a choice with an order becomes a number (0 is best).
Numbers are used as they are. The exact share of income is already a raw column.
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
    """Turns a raw matrix of `columns` into the features `names`: numbers, then choices as ``field=value``.

    Raises `ValueError` if `columns` does not have these features.
    """

    def __init__(self, columns: Columns, names: Sequence[str]) -> None:
        self.columns, self.names = columns, tuple(names)
        numbers = [name for name in names if "=" not in name]
        one_hot = [name.split("=", 1) for name in names[len(numbers) :]]
        try:
            self._number_columns = np.array([columns.index[name] for name in numbers])
            self._hot_columns = np.array([columns.index[name] for name, _value in one_hot])
            codes = [float(columns[name].choices.index(value)) for name, value in one_hot]
            self._hot_codes = np.array(codes)
            self._age = numbers.index("person_age")
        except (KeyError, ValueError) as error:
            raise ValueError(f"the model was trained on other features: {error}") from None

    def of_field(self, field: str) -> tuple[int, ...]:
        """Return the indexes of the features that `field` decides; none if the model does not use it."""
        return tuple(index for index, name in enumerate(self.names) if name.split("=", 1)[0] == field)

    def __call__(self, raw: Floats, elderly_as: float | None = None) -> NDArray[np.float32]:
        """Return the features, float32 of shape (n, features), NaN if a value is unknown.

        Applicants of 62 and older get the age `elderly_as`, the age that the model favors most, because
        being elderly must not be a negative factor (12 CFR 1002.6(b)(2)). None leaves all ages unchanged.
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
    unordered = [field for field in FIELDS if isinstance(field, ChoiceField) and not field.ordered]
    one_hot = [f"{field.name}={value}" for field in unordered for value in field.values]
    return (*(field.name for field in FIELDS if field not in unordered), *one_hot)


tree_features = TreeFeatures(LIVE, _names())


@dataclass(frozen=True)
class TreeSettings:
    """The calibration, the age at which applicants of 62 and older are scored, and the features.

    They are stored in the model file, so that one hash covers the whole model.
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
        """The inverse of `to_json`. Raises `ValueError` or `KeyError` if it does not fit `columns`."""
        content = json.loads(text)
        return cls(
            Calibration.from_dict(content["curve"]),
            int(content["elderly_as"]),
            TreeFeatures(columns, content["features"]),
        )

    def features_of(self, raw: Floats) -> NDArray[np.float32]:
        """Return the features of a raw matrix, with `elderly_as` as the age of the elderly."""
        return self.features(raw, self.elderly_as)
