"""Writes a trained forest as one ONNX tree ensemble with whole numbers in its leaves."""

from typing import Any

import numpy as np
from onnx import TensorProto, helper

from predictions.scoring.models.forest import SCALE, TREES_KEY
from predictions.scoring.models.protocol import Floats
from predictions.scoring.models.trees import SETTINGS_KEY, TreeSettings

OPSET, ML_OPSET, IR_VERSION = 17, 3, 8


def to_onnx(forest: Any, settings: TreeSettings) -> bytes:
    """Return the model file of a `RandomForestClassifier`. The same forest gives the same bytes."""
    ensemble = helper.make_node("TreeEnsembleRegressor", ["features"], ["votes"], domain="ai.onnx.ml")
    attributes = {"n_targets": 1, **_nodes(forest)}
    ensemble.attribute.extend(helper.make_attribute(key, value) for key, value in attributes.items())
    graph = helper.make_graph(
        [ensemble],
        "random-forest",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, len(settings.features.names)])],
        [helper.make_tensor_value_info("votes", TensorProto.FLOAT, [None, 1])],
    )
    opsets = [helper.make_opsetid("", OPSET), helper.make_opsetid("ai.onnx.ml", ML_OPSET)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
    metadata = {SETTINGS_KEY: settings.to_json(), TREES_KEY: str(len(forest.estimators_))}
    helper.set_model_props(model, metadata)
    return bytes(model.SerializeToString(deterministic=True))


_NODE_KEYS = (
    "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_modes", "nodes_values",
    "nodes_truenodeids", "nodes_falsenodeids",
    "target_treeids", "target_nodeids", "target_ids", "target_weights",
)  # fmt: skip


def _nodes(forest: Any) -> dict[str, list[Any]]:
    nodes: dict[str, list[Any]] = {key: [] for key in _NODE_KEYS}
    for number, tree in enumerate(forest.estimators_):
        _add_tree(nodes, number, tree.tree_)
    return nodes


def _add_tree(nodes: dict[str, list[Any]], number: int, tree: Any) -> None:
    leaf = tree.children_left < 0
    count = tree.node_count
    nodes["nodes_treeids"] += [number] * count
    nodes["nodes_nodeids"] += list(range(count))
    nodes["nodes_featureids"] += np.where(leaf, 0, tree.feature).tolist()
    nodes["nodes_modes"] += np.where(leaf, "LEAF", "BRANCH_LEQ").tolist()
    nodes["nodes_values"] += _float32_below(np.where(leaf, 0.0, tree.threshold))
    nodes["nodes_truenodeids"] += np.where(leaf, 0, tree.children_left).tolist()
    nodes["nodes_falsenodeids"] += np.where(leaf, 0, tree.children_right).tolist()
    leaves = np.flatnonzero(leaf)
    nodes["target_treeids"] += [number] * len(leaves)
    nodes["target_nodeids"] += leaves.tolist()
    nodes["target_ids"] += [0] * len(leaves)
    nodes["target_weights"] += np.rint(tree.value[leaves, 0, 1] * SCALE).tolist()


def _float32_below(thresholds: Floats) -> list[float]:
    """Return the largest float32 not above each threshold, so `x <= t` is unchanged for a float32 x."""
    rounded = thresholds.astype(np.float32)
    above = rounded > thresholds
    rounded[above] = np.nextafter(rounded[above], np.float32(-np.inf))
    return [float(value) for value in rounded]
