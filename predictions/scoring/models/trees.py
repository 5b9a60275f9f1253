"""The features of the two tree models, and the settings that their files contain besides the trees.

A choice without an order becomes one column per value; a choice with an order becomes a number (0 is best).
Numbers are used as they are. The exact share of income is already a raw column.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.calibration import Calibration
from predictions.scoring.models.columns import Columns
from predictions.scoring.models.protocol import Floats

ELDERLY = 62  # 12 CFR 1002.2(o): "elderly" means age 62 or older.

SETTINGS_KEY = "approval"


class TreeFeatures:
    """Turns a raw matrix of `columns` into the features `names`: numbers, then choices as ``field=value``.

    `unknown` has the number that stands for an unknown one, by field; without it, the feature is NaN. The
    feature ``field=`` is 1 if the number is unknown.

    Raises `ValueError` if `columns` does not have these features.
    """

    def __init__(
        self, columns: Columns, names: Sequence[str], unknown: Mapping[str, float] | None = None
    ) -> None:
        self.columns, self.names, self.unknown = columns, tuple(names), dict(unknown or {})
        numbers = [name for name in names if "=" not in name]
        one_hot = [name.split("=", 1) for name in names[len(numbers) :]]
        try:
            self._number_columns = np.array([columns.index[name] for name in numbers])
            self._hot_columns = np.array([columns.index[name] for name, _value in one_hot])
            codes = [
                float(columns[name].choices.index(value)) if value else np.nan for name, value in one_hot
            ]
            self._hot_codes = np.array(codes)
            self._fills = [(numbers.index(name), np.float32(value)) for name, value in self.unknown.items()]
            self._flags = [
                (len(numbers) + place, columns.index[name])
                for place, (name, value) in enumerate(one_hot)
                if not value
            ]
            self._age = numbers.index("person_age") if "person_age" in numbers else None
        except (KeyError, ValueError) as error:
            raise ValueError(f"the model was trained on other features: {error}") from None

    def of_field(self, field: str) -> tuple[int, ...]:
        """Return the indexes of the features that `field` decides; none if the model does not use it."""
        return tuple(index for index, name in enumerate(self.names) if name.split("=", 1)[0] == field)

    def __call__(self, raw: Floats, elderly_as: float | None = None) -> NDArray[np.float32]:
        """Return the features, float32 of shape (n, features).

        Applicants of 62 and older get the age `elderly_as`, the age that the model favors most, because
        being elderly must not be a negative factor (12 CFR 1002.6(b)(2)). None leaves all ages unchanged.
        """
        numbers = len(self._number_columns)
        features = np.empty((len(raw), len(self.names)), dtype=np.float32)
        features[:, :numbers] = raw.take(self._number_columns, axis=1)
        features[:, numbers:] = raw.take(self._hot_columns, axis=1) == self._hot_codes
        for index, column in self._flags:
            features[:, index] = np.isnan(raw[:, column])
        for index, value in self._fills:
            np.copyto(features[:, index], value, where=np.isnan(features[:, index]))
        if elderly_as is not None and self._age is not None:
            ages = features[:, self._age]
            np.copyto(ages, elderly_as, where=ages >= ELDERLY)
        return features


@dataclass(frozen=True)
class TreeSettings:
    """The calibration and the features. A model that reads the age has one for those of 62 and older.

    They are stored in the model file, so that one hash covers the whole model.
    """

    calibration: Calibration
    features: TreeFeatures
    elderly_as: int | None = None

    def to_json(self) -> str:
        content: dict[str, Any] = {
            "curve": self.calibration.to_dict(),
            "features": self.features.names,
            "unknown": self.features.unknown,
        }
        return json.dumps(content)

    @classmethod
    def from_json(cls, text: str, columns: Columns) -> "TreeSettings":
        """The inverse of `to_json`. Raises `ValueError` or `KeyError` if it does not fit `columns`."""
        content = json.loads(text)
        elderly_as = content.get("elderly_as")
        return cls(
            Calibration.from_dict(content["curve"]),
            TreeFeatures(columns, content["features"], content.get("unknown")),
            None if elderly_as is None else int(elderly_as),
        )

    def features_of(self, raw: Floats) -> NDArray[np.float32]:
        """Return the features of a raw matrix, with `elderly_as` as the age of the elderly."""
        return self.features(raw, self.elderly_as)
