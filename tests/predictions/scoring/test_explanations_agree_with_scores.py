"""A model file that is scored in one way and read in another for explanations is not explained at all."""

import hashlib
import json
import shutil
from pathlib import Path

import onnx
import pytest

from predictions.scoring.artifacts import ArtifactError, current
from predictions.scoring.explain import explain
from predictions.scoring.predict import score
from predictions.scoring.schema import Applicant


@pytest.fixture
def reordered(trained: Path, tmp_path: Path) -> Path:
    """The trained models, with the nodes of the forest stored in another order."""
    folder = Path(shutil.copytree(trained, tmp_path / "artifacts"))
    path = folder / "random-forest" / "2.0.0" / "model.onnx"
    forest = onnx.load(path)
    (ensemble,) = forest.graph.node
    nodes = {part.name: onnx.helper.get_attribute_value(part) for part in ensemble.attribute}
    # The engine begins at the first node of each tree.
    ids = zip(nodes["nodes_treeids"], (-number for number in nodes["nodes_nodeids"]), strict=True)
    order = [
        place for _tree, is_root, _id, place in sorted((t, i != 0, i, p) for p, (t, i) in enumerate(ids))
    ]
    for part in ensemble.attribute:
        if part.name.startswith("nodes_"):
            part.CopyFrom(onnx.helper.make_attribute(part.name, [nodes[part.name][place] for place in order]))
    path.write_bytes(forest.SerializeToString())
    manifest = json.loads((folder / "manifest.json").read_text())
    files = manifest["models"]["random-forest"]["versions"]["2.0.0"]["files"]
    files["model.onnx"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def test_other_order_of_nodes(reordered: Path, trained: Path, weak: Applicant) -> None:
    ref = current(reordered, "random-forest")
    assert score(reordered, ref, [weak]) == score(trained, current(trained, "random-forest"), [weak])
    with pytest.raises(ArtifactError, match="cannot be explained"):
        explain(reordered, ref, weak)
