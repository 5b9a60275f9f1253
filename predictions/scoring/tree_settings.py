"""What a tree model's file carries beside its trees, so that one hash covers the whole model."""

import json
from dataclasses import dataclass

from predictions.scoring.calibration import Curve
from predictions.scoring.features import FEATURE_NAMES

SETTINGS_KEY = "approval"


@dataclass(frozen=True)
class TreeSettings:
    """The calibration curve, and the age at which applicants of 62 and older are scored."""

    curve: Curve
    elderly_as: int

    def to_json(self) -> str:
        return json.dumps(
            {"curve": self.curve.to_dict(), "elderly_as": self.elderly_as, "features": FEATURE_NAMES}
        )

    @classmethod
    def from_json(cls, text: str) -> "TreeSettings":
        """Raises `ValueError` or `KeyError` when the text is none, or names other features than ours."""
        content = json.loads(text)
        if tuple(content["features"]) != FEATURE_NAMES:
            raise ValueError("the model was trained on other features")
        return cls(Curve.from_dict(content["curve"]), int(content["elderly_as"]))
