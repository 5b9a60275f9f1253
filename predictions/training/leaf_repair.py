"""Moves the leaves of a forest: better facts hardly ever lower its vote, groups get what they repaid.

scikit-learn can bound each tree, but then the forest loses 0.03 of its AUC: only the sum of the trees has to
be monotone. So the leaves are moved as little as possible (weighted by their share of the rows), while
pairs of a person and the same person with one better fact are penalized by the square of their fall.
Large leaves blur small groups, so the mean vote of each group of the model card is drawn to the share of its
loans that were repaid. Only trees that have not seen a loan vote on it here: the others know its outcome.
The idea is that of M. Bonakdarpour and others, "Prediction Rule Reshaping" (ICML 2018), with a sample of the
pairs. The pairs are a sample, so this proves nothing: the model card tells what a search has found.
"""

from typing import Any

import numpy as np
from scipy.optimize import minimize
from scipy.sparse import csr_array
from threadpoolctl import threadpool_limits

from predictions.scoring.models.protocol import Floats
from predictions.scoring.models.trees import TreeFeatures
from predictions.training.data import Data
from predictions.training.improvements import random_improvements, random_people, with_noise
from predictions.training.parts import AGE, all_parts

PENALTY = 3e3  # Of the mean square of the falls.
GROUP_PENALTY = 1e4  # Of the mean square of what the groups' votes differ from their outcomes.
STEPS = 80
SPREAD = 0.03


def repair(forest: Any, features: TreeFeatures, data: Data, random: np.random.Generator, pairs: int) -> None:
    """Change the leaves of `forest` in place. Half of the `pairs` are like the rows of `data`.

    The forest has learned from whole copies of the rows of `data`, in their order.
    """
    raw = data.raw
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
    groups, repaid = _groups(forest, forest.apply(features(raw)) + starts, data, int(ends[-1]))
    # Sums of floats depend on the number of threads, and the same data has to give the same bytes everywhere.
    with threadpool_limits(1, "blas"):
        moves = _moves(falls, groups, repaid, values, weights / len(trees))
    moved = np.clip(values + moves, 0, 1)
    for tree, start, end in zip(trees, starts, ends, strict=True):
        tree.value[:, 0, 1] = moved[start:end]
        tree.value[:, 0, 0] = 1 - moved[start:end]


def _groups(forest: Any, leaves: Any, data: Data, nodes: int) -> tuple[Floats, Floats]:
    """Return the weights of the nodes in the mean vote of each group (groups, nodes), and what it should be.

    Both are multiplied by the root of the group's share of the rows. No tree has the age, so its bands are
    left out.
    """
    unseen = np.ones(leaves.shape)
    for number, rows in enumerate(forest.estimators_samples_):
        unseen[rows % len(data), number] = 0
    unseen /= np.maximum(unseen.sum(axis=1, keepdims=True), 1)
    votes, repaid = [], []
    for field, parts in all_parts(data.raw).items():
        for part in parts.values() if field != AGE.name else ():
            part = part & unseen.any(axis=1)
            if part.any():
                scale = 1 / np.sqrt(part.sum() * len(data))
                each = unseen[part].ravel() * scale
                votes.append(np.bincount(leaves[part].ravel(), each, nodes))
                repaid.append(data.approved[part].sum() * scale)
    return np.array(votes), np.array(repaid)


def _moves(falls: Any, groups: Floats, repaid: Floats, values: Floats, weights: Floats) -> Floats:
    """Return by how much each node's value moves.

    `falls @ values` are the falls of the pairs, `groups @ values` the votes on the groups.
    """
    scale, turned = 1 / np.sqrt(weights), falls.T.tocsr()
    fallen, missing = falls @ values, repaid - groups @ values

    def objective(steps: Floats) -> tuple[float, Floats]:
        moves = scale * steps
        fall, lack = np.maximum(fallen + falls @ moves, 0), groups @ moves - missing
        size = steps @ steps + PENALTY / len(fall) * (fall @ fall) + GROUP_PENALTY * (lack @ lack)
        slope = PENALTY / len(fall) * (turned @ fall) + GROUP_PENALTY * (lack @ groups)
        return float(size), 2 * (steps + scale * slope)

    solution = minimize(
        objective, np.zeros(len(values)), jac=True, method="L-BFGS-B", options={"maxiter": STEPS}
    )
    return np.asarray(scale * solution.x)
