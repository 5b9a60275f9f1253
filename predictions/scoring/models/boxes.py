"""Decision trees as boxes: each leaf is reached by exactly the rows that lie inside its box."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.columns import Floats

Float32s = NDArray[np.float32]
Indexes = NDArray[np.intp]


@dataclass(frozen=True)
class Trees:
    """The nodes of all trees, one element a node.

    A row goes to the node `left` if its `feature` is at most `threshold`, otherwise to `right`. A leaf has -1
    there and adds `value`. `roots` are the nodes at which the trees begin.
    """

    feature: Indexes
    threshold: Float32s
    left: Indexes
    right: Indexes
    value: Floats
    roots: Indexes


@dataclass(frozen=True)
class Boxes:
    """The leaves whose value is not 0. A row is inside if `low` < feature <= `high` for every feature.

    `low` and `high` have the shape (features, leaves), `value` (leaves,).
    """

    low: Float32s
    high: Float32s
    value: Floats

    @classmethod
    def of(cls, trees: Trees, features: int) -> "Boxes":
        nodes = trees.roots
        low = np.full((features, len(nodes)), -np.inf, dtype=np.float32)
        high = np.full((features, len(nodes)), np.inf, dtype=np.float32)
        leaves = []
        while len(nodes):  # One level of all trees after the other.
            is_leaf = trees.left[nodes] < 0
            used = is_leaf & (trees.value[nodes] != 0)
            leaves.append((low[:, used], high[:, used], trees.value[nodes[used]]))
            nodes, low, high = nodes[~is_leaf], low[:, ~is_leaf], high[:, ~is_leaf]
            split = trees.feature[nodes], np.arange(len(nodes))
            left_high, right_low = high.copy(), low.copy()
            left_high[split] = np.minimum(high[split], trees.threshold[nodes])
            right_low[split] = np.maximum(low[split], trees.threshold[nodes])
            nodes = np.concatenate([trees.left[nodes], trees.right[nodes]])
            low, high = np.hstack([low, right_low]), np.hstack([left_high, high])
        lows, highs, values = zip(*leaves, strict=True)
        return cls(np.hstack(lows), np.hstack(highs), np.concatenate(values))

    def contain(self, feature: int, values: Float32s, leaves: Indexes) -> NDArray[np.bool_]:
        """Return whether the boxes of `leaves` allow these values of a feature, shape (values, leaves)."""
        low, high = self.low[feature, leaves], self.high[feature, leaves]
        inside: NDArray[np.bool_] = (low < values[:, None]) & (values[:, None] <= high)
        return inside

    def contain_all(self, features: Sequence[int], row: Float32s) -> NDArray[np.bool_]:
        """Return for every leaf whether its box allows the row's values of these features."""
        inside = np.ones(len(self.value), dtype=bool)
        for feature in features:
            inside &= (self.low[feature] < row[feature]) & (row[feature] <= self.high[feature])
        return inside
