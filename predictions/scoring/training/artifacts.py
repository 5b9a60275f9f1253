"""Writes model files, cards and the manifest."""

import hashlib
import importlib.metadata
import json
import platform
from pathlib import Path
from typing import Any

from predictions.scoring.registry import CARD, MANIFEST, MANIFEST_FORMAT
from predictions.scoring.training.data import Data

LIBRARIES = ("catboost", "numpy", "onnx", "onnxruntime", "pandas", "scikit-learn", "scipy")


def write_model(folder: Path, slug: str, file_name: str, content: bytes, card: dict[str, Any]) -> str:
    """Writes one model and its card, returns its version.

    A model file that is already kept keeps its version; another one becomes the next version, and the
    old ones stay, because predictions that were sold with them can be checked again.
    """
    manifest = _read_manifest(folder)
    entry = manifest["models"].setdefault(slug, {"current": "", "versions": {}})
    sha256 = hashlib.sha256(content).hexdigest()
    version = _version_of(entry["versions"], file_name, sha256)
    card_bytes = _json_bytes(card)
    place = folder / slug / version
    place.mkdir(parents=True, exist_ok=True)
    (place / file_name).write_bytes(content)
    (place / CARD).write_bytes(card_bytes)
    files = {file_name: sha256, CARD: hashlib.sha256(card_bytes).hexdigest()}
    entry["versions"][version] = {"model": file_name, "files": files, **_provenance(card)}
    entry["current"] = version
    (folder / MANIFEST).write_bytes(_json_bytes(manifest))
    return version


def provenance(data: Data, seed: int) -> dict[str, Any]:
    """What a model was made from and with."""
    return {
        "data": {"sha256": data.sha256, "rows": data.rows_read, "rows_used": len(data)},
        "seed": seed,
        "libraries": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in LIBRARIES},
        },
    }


def _provenance(card: dict[str, Any]) -> dict[str, Any]:
    return {key: card[key] for key in ("data", "seed", "libraries")}


def _read_manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    if not path.exists():
        return {"format": MANIFEST_FORMAT, "models": {}}
    content: dict[str, Any] = json.loads(path.read_bytes())
    return content


def _version_of(versions: dict[str, Any], file_name: str, sha256: str) -> str:
    for version, entry in versions.items():
        if entry["files"].get(file_name) == sha256:
            return str(version)
    minor = max((int(version.split(".")[1]) for version in versions), default=-1) + 1
    return f"1.{minor}.0"


def _json_bytes(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True, allow_nan=False) + "\n").encode()
