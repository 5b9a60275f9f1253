"""Writes model files, model cards, schemas and the manifest."""

import fcntl
import hashlib
import importlib.metadata
import json
import os
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
)
from predictions.scoring.bins import Bins
from predictions.scoring.golden import golden_scores
from predictions.scoring.models.protocol import LIVE
from predictions.scoring.readers import read_model
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


def write_model(folder: Path, artifact: Artifact, beside: Path | None = None) -> str:
    """Write the files of a model, list them in the manifest, and return the version.

    A model file that is already stored keeps its version; a new one gets the next version. Old versions are
    not deleted, because predictions sold with them can be verified later. `beside`: the folder of the
    delivered versions; then the new one gets a number that no delivered version ever has.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder, os.O_RDONLY)
    try:
        # Of two that write at the same time, one waits.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _write_model(folder, artifact, beside)
    finally:
        os.close(lock)


def _write_model(folder: Path, artifact: Artifact, beside: Path | None) -> str:
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
    sha256, recipe = hashes[artifact.file_name], artifact.card["recipe"]
    delivered = _delivered(beside, artifact.slug)
    version = _stored_version(delivered, artifact.file_name, sha256)
    if version:
        return version
    version = _stored_version(entry["versions"], artifact.file_name, sha256) or (
        _own_number(entry["versions"] | delivered, recipe) if beside else _number(entry["versions"], recipe)
    )
    version_folder = folder / artifact.slug / version
    version_folder.mkdir(parents=True, exist_ok=True)
    for name, content in contents.items():
        _write_durably(version_folder / name, content)
    source = {key: artifact.card[key] for key in ("data", "seed", "libraries")}
    entry["versions"][version] = {"model": artifact.file_name, "files": hashes, **source}
    entry["current"] = version
    _write_manifest(folder, manifest)
    return version


def add_file(folder: Path, ref: ArtifactRef, name: str, content: dict[str, Any]) -> None:
    """Write one more file of a stored version, and list it in the manifest."""
    manifest, data = _read_manifest(folder), _json_bytes(content)
    _write_durably(folder / ref.slug / ref.version / name, data)
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
    _write_durably(folder / "manifest.part", _json_bytes(manifest))
    (folder / "manifest.part").replace(folder / MANIFEST)


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.exists():
        return {"format": MANIFEST_FORMAT, "models": {}}
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def _delivered(folder: Path | None, slug: str) -> dict[str, Any]:
    if folder is None:
        return {}
    versions: dict[str, Any] = _read_manifest(folder)["models"].get(slug, {"versions": {}})["versions"]
    return versions


def _stored_version(versions: dict[str, Any], file_name: str, sha256: str) -> str | None:
    return next((name for name, entry in versions.items() if entry["files"].get(file_name) == sha256), None)


def _number(versions: dict[str, Any], recipe: int) -> str:
    """Return the next number of the recipe, such as 2.1.0 after 2.0.0."""
    minor = max((number[1] for number in _numbers(versions) if number[0] == recipe), default=-1) + 1
    return f"{recipe}.{minor}.0"


def _own_number(versions: dict[str, Any], recipe: int) -> str:
    """Return the next number of an installation's own, such as 2.0.1 after 2.0.0: delivered ones end in 0."""
    latest = max((number for number in _numbers(versions) if number[0] == recipe), default=(recipe, 0, 0))
    return f"{recipe}.{latest[1]}.{latest[2] + 1}"


def _numbers(versions: dict[str, Any]) -> list[tuple[int, int, int]]:
    parts = [version.split(".") for version in versions]
    return [(int(part[0]), int(part[1]), int(part[2])) for part in parts]


def _write_durably(path: Path, content: bytes) -> None:
    """Write a file that is on the disk afterwards: a manifest that names it may be written then."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _json_bytes(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()
