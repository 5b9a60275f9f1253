"""The boosted trees, in CatBoost's file format and engine, with one thread."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from catboost import CatBoost

from predictions.scoring.models.boxes import Boxes, Float32s, Trees
from predictions.scoring.models.columns import Columns
from predictions.scoring.models.mixes import Worth
from predictions.scoring.models.protocol import LIVE, Floats
from predictions.scoring.models.tree_worth import TreeWorth
from predictions.scoring.models.trees import SETTINGS_KEY, TreeSettings
from predictions.scoring.schema import Applicant


class Boosting:
    """Adds up the trees (log-odds of approval), then applies the calibration."""

    def __init__(self, engine: Any, settings: TreeSettings) -> None:
        self.engine, self.settings = engine, settings
        self.columns = settings.features.columns

    @classmethod
    def read(cls, content: bytes, columns: Columns = LIVE) -> "Boosting":
        """Raises the errors of CatBoost, and `ValueError` or `KeyError` if the settings are not valid."""
        engine = CatBoost()
        engine.load_model(blob=content)
        return cls(engine, TreeSettings.from_json(engine.get_metadata()[SETTINGS_KEY], columns))

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        return self.approval_of_raw(self.columns.to_raw(applicants))

    def approval_of_raw(self, raw: Floats) -> Floats:
        if not len(raw):
            return np.empty(0)
        features = self.settings.features_of(raw)
        margins = self.engine.predict(features, prediction_type="RawFormulaVal", thread_count=1)
        return self.settings.calibration(np.asarray(margins, dtype=np.float64))

    def worth(self, content: bytes, background: Floats) -> Worth:
        exported = self._exported()
        scale, (bias,) = exported["scale_and_bias"]
        numbers = exported["features_info"]["float_features"]
        unknown = np.array([UNKNOWN[number["nan_value_treatment"]] for number in numbers], dtype=np.float32)

        def to_features(raw: Floats) -> Float32s:
            features = self.settings.features_of(raw)
            return np.where(np.isnan(features), unknown, features)

        def to_approval(sums: Floats) -> Floats:
            return self.settings.calibration(scale * sums + bias)

        # Trees that have one split for each level are stored in another way.
        roots = exported.get("trees") or [_nested(tree) for tree in exported["oblivious_trees"]]
        boxes = Boxes.of(_trees(roots), len(numbers))
        return TreeWorth(boxes, self.settings.features, background, to_features, to_approval)

    def _exported(self) -> dict[str, Any]:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.json"
            self.engine.save_model(str(path), format="json")
            content: dict[str, Any] = json.loads(path.read_bytes())
        return content


# How CatBoost compares an unknown value with a border, by the name in its JSON format. A border may be the
# lowest float32, which an unknown value must not exceed.
_BELOW, _ABOVE = np.finfo(np.float32).min, np.inf
UNKNOWN = {"AsIs": _BELOW, "AsFalse": _BELOW, "AsTrue": _ABOVE}


def _nested(tree: dict[str, Any]) -> dict[str, Any]:
    """Return an oblivious tree with its nodes inside each other, as CatBoost writes other trees."""
    nodes = [{"value": value} for value in tree["leaf_values"]]
    for split in tree["splits"]:  # Split i decides bit i of the number of a leaf.
        pairs = zip(nodes[::2], nodes[1::2], strict=True)
        nodes = [{"split": split, "left": left, "right": right} for left, right in pairs]
    return nodes[0]


def _trees(roots: Sequence[Any]) -> Trees:
    """Return the trees of CatBoost's JSON format."""
    nodes, children = list(roots), []
    for node in nodes:  # Grows while it is read: a level after the other.
        if "split" in node:
            children.append((len(nodes), len(nodes) + 1))
            nodes += (node["left"], node["right"])
        else:
            children.append((-1, -1))
    left, right = np.array(children, dtype=np.intp).T
    splits = [node.get("split", {"float_feature_index": 0, "border": 0.0}) for node in nodes]
    return Trees(
        feature=np.array([split["float_feature_index"] for split in splits], dtype=np.intp),
        threshold=np.array([split["border"] for split in splits], dtype=np.float32),
        left=left,
        right=right,
        value=np.array([node.get("value", 0.0) for node in nodes], dtype=np.float64),
        roots=np.arange(len(roots)),
    )
