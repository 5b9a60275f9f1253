"""Writes model files, model cards, schemas and the manifest."""

import hashlib
import importlib.metadata
import json
import platform
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from predictions.scoring.artifacts import (
    BACKGROUND,
    BINS,
    CARD,
    GOLDEN,
    MANIFEST,
    MANIFEST_FORMAT,
    SCHEMA,
    ArtifactRef,
    read_model,
)
from predictions.scoring.bins import Bins
from predictions.scoring.golden import golden_scores
from predictions.scoring.models.protocol import LIVE
from predictions.scoring.schema import Applicant
from predictions.training.data import Data

LIBRARIES = ("catboost", "numpy", "onnx", "onnxruntime", "pandas", "scikit-learn", "scipy")


@dataclass(frozen=True)
class Artifact:
    """One model, ready to be written."""

    slug: str
    file_name: str
    content: bytes
    card: dict[str, Any]
    background: list[Applicant]
    bins: Bins


def write_model(folder: Path, artifact: Artifact) -> str:
    """Write the files of a model, list them in the manifest, and return the version.

    A model file that is already stored keeps its version; a new one gets the next version. Old versions are
    not deleted, because predictions sold with them can be verified later.
    """
    manifest = _read_manifest(folder)
    entry = manifest["models"].setdefault(artifact.slug, {"current": "", "versions": {}})
    contents = {
        artifact.file_name: artifact.content,
        CARD: _json_bytes(artifact.card),
        BACKGROUND: _json_bytes({"applicants": artifact.background}),
        SCHEMA: _json_bytes(LIVE.to_dict()),
        BINS: _json_bytes(artifact.bins.to_dict()),
    }
    model = read_model(artifact.file_name, artifact.content, LIVE)
    contents[GOLDEN] = _json_bytes(golden_scores(model, artifact.background))
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()}
    version = _version_of(
        entry["versions"], artifact.card["recipe"], artifact.file_name, hashes[artifact.file_name]
    )
    version_folder = folder / artifact.slug / version
    version_folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        (version_folder / name).write_bytes(content)
    source = {key: artifact.card[key] for key in ("data", "seed", "libraries")}
    entry["versions"][version] = {"model": artifact.file_name, "files": hashes, **source}
    entry["current"] = version
    _write_manifest(folder, manifest)
    return version


def add_file(folder: Path, ref: ArtifactRef, name: str, content: dict[str, Any]) -> None:
    """Write one more file of a stored version, and list it in the manifest."""
    manifest, data = _read_manifest(folder), _json_bytes(content)
    (folder / ref.slug / ref.version / name).write_bytes(data)
    version = manifest["models"][ref.slug]["versions"][ref.version]
    version["files"][name] = hashlib.sha256(data).hexdigest()
    _write_manifest(folder, manifest)


def provenance(data: Data, seed: int) -> dict[str, Any]:
    """Return the data, seed and library versions that a model was trained with."""
    return {
        "data": {
            "sha256": data.sha256,
            "rows": data.rows_read,
            "rows_used": len(data),
            "approval_rate": round(float(data.approved.mean()), 6),
        },
        "seed": seed,
        "libraries": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in LIBRARIES},
        },
    }


def _write_manifest(folder: Path, manifest: dict[str, Any]) -> None:
    """To be called last: a service that reads the folder at the same time sees the old or the new state."""
    (folder / "manifest.part").write_bytes(_json_bytes(manifest))
    (folder / "manifest.part").replace(folder / MANIFEST)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.exists():
        return {"format": MANIFEST_FORMAT, "models": {}}
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def _version_of(versions: dict[str, Any], recipe: int, file_name: str, sha256: str) -> str:
    for version, entry in versions.items():
        if entry["files"].get(file_name) == sha256:
            return str(version)
    numbers = [version.split(".") for version in versions]
    minor = max((int(number[1]) for number in numbers if number[0] == str(recipe)), default=-1) + 1
    return f"{recipe}.{minor}.0"


def _json_bytes(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()
