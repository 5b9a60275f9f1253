"""Moves the leaves of a forest until better facts hardly ever lower its vote.

scikit-learn can bound each tree, but then the forest loses 0.03 of its AUC: only the sum of the trees has to
be monotone. So the leaves are moved as little as possible (weighted by their share of the rows), while
pairs of a person and the same person with one better fact are penalized by the square of their fall.
The idea is that of M. Bonakdarpour and others, "Prediction Rule Reshaping" (ICML 2018), with a sample of the
pairs. The pairs are a sample, so this proves nothing: the model card tells what a search has found.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_array

from predictions.scoring.models.protocol import Floats
from predictions.scoring.models.trees import TreeFeatures
from predictions.training.improvements import random_improvements, random_people, with_noise

PENALTY = 1e4
STEPS = 80
SPREAD = 0.03


def repair(forest: Any, features: TreeFeatures, raw: Floats, random: np.random.Generator, pairs: int) -> None:
    """Change the leaves of `forest` in place. Half of the `pairs` are like the rows of `raw`."""
    likely = with_noise(raw[random.integers(0, len(raw), pairs // 2)], SPREAD, random)
    people = np.concatenate([likely, random_people(raw, pairs - pairs // 2, random)])
    better = random_improvements(people, random)
    differ = ~((people == better) | (np.isnan(people) & np.isnan(better))).all(axis=1)
    trees = [tree.tree_ for tree in forest.estimators_]
    ends = np.cumsum([tree.node_count for tree in trees])
    starts = ends - [tree.node_count for tree in trees]

    def in_leaves(rows: Floats) -> Any:
        leaves = (forest.apply(features(rows)) + starts).astype(np.int32)
        count, width = leaves.shape
        each = np.full(leaves.size, 1 / width)
        return csr_array((each, leaves.ravel(), np.arange(0, leaves.size + 1, width)), (count, ends[-1]))

    falls = (in_leaves(people[differ]) - in_leaves(better[differ])).tocsr()
    values = np.concatenate([tree.value[:, 0, 1] for tree in trees])
    weights = np.concatenate(
        [tree.weighted_n_node_samples / tree.weighted_n_node_samples[0] for tree in trees]
    )
    moved = np.clip(values + _moves(falls, values, weights / len(trees)), 0, 1)
    for tree, start, end in zip(trees, starts, ends, strict=True):
        tree.value[:, 0, 1] = moved[start:end]
        tree.value[:, 0, 0] = 1 - moved[start:end]


def _moves(falls: Any, values: Floats, weights: Floats) -> Floats:
    """Return by how much each node's value moves. `falls @ values` are the falls of the pairs."""
    scale, fallen, turned = 1 / np.sqrt(weights), falls @ values, falls.T.tocsr()

    def objective(steps: Floats) -> tuple[float, Floats]:
        fall = np.maximum(fallen + falls @ (scale * steps), 0)
        slope = 2 * steps + 2 * PENALTY / len(fall) * scale * (turned @ fall)
        return float(steps @ steps + PENALTY / len(fall) * (fall @ fall)), slope

    solution = minimize(
        objective, np.zeros(len(values)), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
    )
    return np.asarray(scale * solution.x)
