"""The worth of all coalitions to a model of decision trees, without scoring every coalition.

For one applicant and one background row, a leaf is reached by exactly those coalitions that contain every
field where only the applicant lies inside the leaf's box, and no field where only the background row does.
Where both lie inside, the field is free; where neither does, the leaf is out of reach. So each leaf adds its
value to one word with a letter for each field: free, in or out. One step for each field then turns the sums
by word into the sums by coalition. Income and amount also decide the share of income, so their four
coalitions have sums of their own.

The worth is that of interventional SHAP values (S. Lundberg and others, Nature Machine Intelligence 2, 2020).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.boxes import Boxes, Float32s
from predictions.scoring.models.columns import Floats
from predictions.scoring.models.mixes import SHARE_PARTS, mixed, positions
from predictions.scoring.models.trees import TreeFeatures
from predictions.scoring.schema import SHARE_FIELD

# Sets of coalitions, or of fields, as the bits of a whole number for each leaf.
Sets = NDArray[np.unsignedinteger]

# The coalitions of income (bit 0) and amount (bit 1), as a set: bit i is coalition i.
ANY = 0b1111
WITHOUT = (0b0101, 0b0011)
WITH = (0b1010, 0b1100)


class TreeWorth:
    """A `mixes.Worth`. What depends on the boxes and the background rows alone is computed once.

    `to_features` turns a raw matrix into features without NaN, `to_approval` the sum of the values of the
    leaves into the probability.
    """

    def __init__(
        self,
        boxes: Boxes,
        features: TreeFeatures,
        background: Floats,
        to_features: Callable[[Floats], Float32s],
        to_approval: Callable[[Floats], Floats],
    ) -> None:
        self._boxes, self._columns, self._background = boxes, features.columns, background
        self._to_features, self._to_approval = to_features, to_approval
        others = [name for name in features.columns.free_names if name not in SHARE_PARTS]
        self._others = [features.of_field(name) for name in others]
        self._parts = [features.of_field(name) for name in SHARE_PARTS]
        self._share = features.of_field(SHARE_FIELD)
        self._order = positions(self._columns, SHARE_PARTS), positions(self._columns, others)
        subsets = np.arange(2 ** len(others))
        self._words = sum((subsets >> place & 1) * 3**place for place in range(len(others)))
        self._rows = [(self._inside(row), self._allowed(row, WITH)) for row in to_features(background)]

    def __call__(self, raw: Floats) -> Floats:
        return np.array([self._worth(row) for row in raw[:, None]])

    def _worth(self, raw: Floats) -> Floats:
        approval = self._to_approval(_by_coalition(self._sums(raw), len(self._others)))
        return np.asarray(approval.mean(axis=0)[self._order])

    def _sums(self, raw: Floats) -> Floats:
        """Return the sums by background row, coalition of income and amount, and word of the others."""
        (features,) = self._to_features(raw)
        inside, allowed = self._inside(features), self._allowed(features, WITHOUT)
        mixes = mixed(self._columns, raw, self._background, SHARE_PARTS)
        mixed_features = self._to_features(mixes.reshape(-1, raw.shape[1])).reshape(*mixes.shape[:2], -1)
        everything, words = 2 ** len(self._others) - 1, 3 ** len(self._others)
        pairs = np.arange(len(mixes))[:, None]
        sums = np.empty((len(self._rows), len(mixes), words))
        for number, (other_inside, other_allowed) in enumerate(self._rows):
            reached = ((inside | other_inside) == everything) & ((allowed & other_allowed) != 0)
            leaves = np.flatnonzero(reached)
            mine, theirs, sets = inside[leaves], other_inside[leaves], allowed[leaves] & other_allowed[leaves]
            counted = (sets >> pairs & 1).astype(bool)
            for feature in self._share:
                counted &= self._boxes.contain(feature, mixed_features[:, number, feature], leaves)
            word = self._words[mine & ~theirs] + 2 * self._words[theirs & ~mine]
            cells, values = word + words * pairs, self._boxes.value[leaves] * counted
            sums[number] = np.bincount(cells.ravel(), values.ravel(), sums[number].size).reshape(-1, words)
        return sums

    def _inside(self, features: Float32s) -> Sets:
        """Return for each leaf which of the other fields lie inside its box; bit i is field i."""
        sets = np.zeros(len(self._boxes.value), np.min_scalar_type(2 ** len(self._others) - 1))
        for place, group in enumerate(self._others):
            inside = self._boxes.contain_all(group, features)
            sets |= inside.astype(sets.dtype) << sets.dtype.type(place)
        return sets

    def _allowed(self, features: Float32s, outside: Sequence[int]) -> Sets:
        """Return the coalitions of income and amount that each leaf's box allows this person.

        `outside` has the coalitions that remain if the income, or the amount, lies outside.
        """
        sets = np.full(len(self._boxes.value), ANY, dtype=np.uint8)
        for group, remaining in zip(self._parts, outside, strict=True):
            sets &= np.where(self._boxes.contain_all(group, features), np.uint8(ANY), np.uint8(remaining))
        return sets


def _by_coalition(sums: Floats, fields: int) -> Floats:
    """Turn the last axis, words of `fields` letters, into coalitions of as many fields."""
    leading = sums.shape[:-1]
    for done in range(fields):  # The letter of the last field comes first, as in a number.
        sums = sums.reshape(-1, 3, 3 ** (fields - done - 1))
        free, within, without = sums[:, 0], sums[:, 1], sums[:, 2]
        sums = np.stack([free + without, free + within], axis=1)
    return sums.reshape(*leading, -1)
