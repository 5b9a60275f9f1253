"""Finds, checks and loads the model files of an artifact folder.

`manifest.json` lists every kept version of every model with the SHA-256 of its files. Nothing is used
before its hash was checked, and a file is hashed again as soon as its inode, size or time has changed.
Models are loaded when first asked for, so after a worker has forked, and once a process.
"""

import hashlib
import json
import threading
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from predictions.scoring.models.columns import Columns
from predictions.scoring.models.protocol import LIVE, Model
from predictions.scoring.schema import Applicant

MANIFEST = "manifest.json"
CARD = "card.json"
BACKGROUND = "background.json"
SCHEMA = "schema.json"
MANIFEST_FORMAT = 1


class ArtifactError(Exception):
    """A model cannot be used; the message tells the operator why."""


@dataclass(frozen=True)
class ArtifactRef:
    """One version of one model; `sha256` is that of its model file."""

    slug: str
    version: str
    sha256: str


_Stamp = tuple[int, int, int]
_loading = threading.Lock()
_hashes: dict[Path, tuple[_Stamp, str]] = {}
_parsed: dict[tuple[Path, str], dict[str, Any]] = {}
_columns: dict[tuple[Path, ArtifactRef, str], Columns] = {}
_models: dict[tuple[Path, ArtifactRef], Model] = {}


def current(folder: Path, slug: str) -> ArtifactRef:
    """The version of `slug` that is sold now, its file and its columns checked. Raises `ArtifactError`."""
    entry = _entry(folder, slug)
    ref = _ref(folder, slug, str(entry["current"]))
    _check(_model_path(folder, ref), ref.sha256)
    columns(folder, ref)
    return ref


def find(folder: Path, slug: str, sha256: str) -> ArtifactRef:
    """The kept version of `slug` whose model file has this hash. Raises `ArtifactError`."""
    for version in _entry(folder, slug)["versions"]:
        ref = _ref(folder, slug, version)
        if ref.sha256 == sha256:
            return ref
    raise ArtifactError(f"No kept version of {slug} has the SHA-256 {sha256}.")


def model_card(folder: Path, slug: str) -> dict[str, Any]:
    """The parsed `card.json` of the current version, its hash checked. Do not change it: it is cached.

    Raises `ArtifactError`.
    """
    return _listed_json(folder, slug, str(_entry(folder, slug)["current"]), CARD)


def background(folder: Path, ref: ArtifactRef) -> list[Applicant]:
    """The stored applicants that this version's contributions are measured against.

    Raises `ArtifactError`.
    """
    applicants: list[Applicant] = _listed_json(folder, ref.slug, ref.version, BACKGROUND)["applicants"]
    return applicants


def columns(folder: Path, ref: ArtifactRef) -> Columns:
    """The columns that the model of `ref` was trained with.

    Raises `ArtifactError`, also when today's applicants do not have them: a field is gone, or is no longer
    a number or a choice.
    """
    sha256 = _listed(folder, ref.slug, ref.version, SCHEMA)
    path = folder / ref.slug / ref.version / SCHEMA
    content = _json(path, sha256)
    key = (folder, ref, sha256)
    if key not in _columns:
        _columns[key] = _read_columns(path, content)
    return _columns[key]


def load(folder: Path, ref: ArtifactRef) -> Model:
    """The model of `ref`, from this process's cache or from its file. Raises `ArtifactError`."""
    key = (folder, ref)
    if model := _models.get(key):
        return model
    with _loading:
        if key not in _models:
            _models[key] = _read_model(_model_path(folder, ref), ref.sha256, columns(folder, ref))
        return _models[key]


def manifest(folder: Path) -> dict[str, Any]:
    """The parsed manifest. Raises `ArtifactError`."""
    path = folder / MANIFEST
    content = _json(path, _sha256(path))
    if content.get("format") != MANIFEST_FORMAT:
        raise ArtifactError(f"{path} has the format {content.get('format')!r}, not {MANIFEST_FORMAT}.")
    return content


def _entry(folder: Path, slug: str) -> dict[str, Any]:
    models = manifest(folder).get("models")
    if not isinstance(models, dict) or slug not in models:
        known = ", ".join(models) if isinstance(models, dict) else "none"
        raise ArtifactError(f"{folder / MANIFEST} lists no model {slug!r}; it lists: {known}.")
    entry = models[slug]
    if not isinstance(entry, dict) or "current" not in entry or not isinstance(entry.get("versions"), dict):
        raise ArtifactError(f"{folder / MANIFEST} has no usable entry for {slug!r}.")
    return entry


def _version(folder: Path, slug: str, version: str) -> dict[str, Any]:
    entry = _entry(folder, slug)["versions"].get(version)
    files = entry.get("files") if isinstance(entry, dict) else None
    if not isinstance(entry, dict) or not isinstance(files, dict) or entry.get("model") not in files:
        raise ArtifactError(f"{folder / MANIFEST} lists no files for {slug} {version}.")
    return entry


def _ref(folder: Path, slug: str, version: str) -> ArtifactRef:
    entry = _version(folder, slug, version)
    return ArtifactRef(slug, version, str(entry["files"][entry["model"]]))


def _model_path(folder: Path, ref: ArtifactRef) -> Path:
    return folder / ref.slug / ref.version / str(_version(folder, ref.slug, ref.version)["model"])


def _listed(folder: Path, slug: str, version: str, name: str) -> str:
    """The SHA-256 that the manifest gives for a file."""
    sha256 = _version(folder, slug, version)["files"].get(name)
    if sha256 is None:
        raise ArtifactError(f"{folder / MANIFEST} lists no {name} for {slug} {version}.")
    return str(sha256)


def _listed_json(folder: Path, slug: str, version: str, name: str) -> dict[str, Any]:
    return _json(folder / slug / version / name, _listed(folder, slug, version, name))


def _check(path: Path, expected: str) -> None:
    _compare(path, _sha256(path), expected)


def _compare(path: Path, actual: str, expected: str) -> None:
    if actual != expected:
        raise ArtifactError(f"{path} has the SHA-256 {actual}, {expected} was expected.")


def _sha256(path: Path) -> str:
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        known = _hashes.get(path)
        if known is None or known[0] != stamp:
            known = stamp, hashlib.sha256(path.read_bytes()).hexdigest()
            _hashes[path] = known
        return known[1]
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}.") from error


def _content(path: Path, sha256: str) -> bytes:
    """The very bytes that were checked: what is parsed cannot differ from what was hashed."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}.") from error
    _compare(path, hashlib.sha256(content).hexdigest(), sha256)
    return content


def _json(path: Path, sha256: str) -> dict[str, Any]:
    _check(path, sha256)
    if (path, sha256) not in _parsed:
        try:
            content = json.loads(_content(path, sha256))
        except ValueError as error:
            raise ArtifactError(f"{path} is not readable JSON: {error}.") from error
        if not isinstance(content, dict):
            raise ArtifactError(f"{path} is not a JSON object.")
        _parsed[path, sha256] = content
    return _parsed[path, sha256]


# Where the reader of a kind of file lives. Imported when such a file is read: an engine costs seconds and
# megabytes that a process which never asks for it need not pay.
_READERS = {
    ".json": ("scorecard", "Scorecard"),
    ".onnx": ("forest", "Forest"),
    ".cbm": ("boosting", "Boosting"),
}


def _read_columns(path: Path, content: dict[str, Any]) -> Columns:
    try:
        found = Columns.from_dict(content)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path} is no schema: {error}") from error
    kinds = {column.name: column.kind for column in LIVE.all}
    if foreign := [column.name for column in found.all if kinds.get(column.name) != column.kind]:
        raise ArtifactError(f"{path} has fields that applicants do not have: {', '.join(foreign)}.")
    return found


def _read_model(path: Path, sha256: str, trained_with: Columns) -> Model:
    content = _content(path, sha256)
    try:
        module, name = _READERS[path.suffix]
        reader = getattr(import_module(f"predictions.scoring.models.{module}"), name)
        model: Model = reader.read(content, trained_with)
    except Exception as error:
        raise ArtifactError(f"{path} cannot be loaded: {error}") from error
    return model
