"""The features that the tree models are trained on, and the direction of each.

The age is not among them. The amount is not either: the share of income has it.
"""

import numpy as np

from predictions.scoring.models.protocol import COLUMN, LIVE
from predictions.scoring.models.trees import TreeFeatures
from predictions.scoring.schema import DIRECTIONS, FIELDS, ChoiceField
from predictions.training.data import Data

LEFT_OUT = ("person_age", "loan_amnt")


def features_for(data: Data) -> TreeFeatures:
    """Return the features; the median of the known numbers of `data` stands for unknown ones.

    An unknown number has a feature of its own besides, so a model learns what it means that it is unknown.
    With a number in its place, it is neither the best nor the worst by the direction of the field.
    """
    used = [field for field in FIELDS if field.name not in LEFT_OUT]
    unordered = [field for field in used if isinstance(field, ChoiceField) and not field.ordered]
    nullable = [field.name for field in used if not isinstance(field, ChoiceField) and field.nullable]
    names = (
        *(field.name for field in used if field not in unordered),
        *(f"{field.name}={value}" for field in unordered for value in field.values),
        *(f"{name}=" for name in nullable),
    )
    unknown = {name: round(float(np.nanmedian(data.raw[:, COLUMN[name]])), 2) for name in nullable}
    return TreeFeatures(LIVE, names, unknown)


def directions_of(features: TreeFeatures) -> list[int]:
    """Return the direction of each feature: 1, -1, or 0 if it may bend either way."""
    return [DIRECTIONS.get(name, 0) for name in features.names]
