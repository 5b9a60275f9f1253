"""Finds, checks and loads the model files of an artifact folder.

`manifest.json` lists every stored version of every model with the SHA-256 of its files. A file is used only
after its hash has been checked, and is hashed again when its inode, size or modification time changes.
A second folder, with a manifest of its own, has the versions that an installation has trained itself.
Each process loads a model on first use, which in a worker is after the fork.
"""

import hashlib
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from predictions.scoring.models.columns import Columns
from predictions.scoring.models.mixes import Worth
from predictions.scoring.models.protocol import LIVE, Model
from predictions.scoring.readers import ArtifactError as ArtifactError
from predictions.scoring.readers import read_model
from predictions.scoring.schema import Applicant
from predictions.scoring.stored_files import check, compare, content_of, json_of, sha256_of

MANIFEST = "manifest.json"
CARD = "card.json"
BACKGROUND = "background.json"
SCHEMA = "schema.json"
GOLDEN = "golden.json"
BINS = "bins.json"
MANIFEST_FORMAT = 1


@dataclass(frozen=True)
class ArtifactRef:
    """One version of one model. `sha256` is the hash of its model file."""

    slug: str
    version: str
    sha256: str


_loading = threading.Lock()
_columns: dict[tuple[Path, ArtifactRef, str], Columns] = {}
_models: dict[tuple[Path, ArtifactRef], Model] = {}
_worths: dict[tuple[Path, ArtifactRef], Worth] = {}
_own_folders: dict[Path, Path] = {}


def add_own_folder(folder: Path, own: Path) -> None:
    """From now on, `folder` also has the versions in `own`, which may be made later."""
    _own_folders[folder] = own


def home(folder: Path, slug: str, version: str) -> Path:
    """Return the folder in which a version of `folder` is: that one, or the one that was added to it."""
    own = _own_folders.get(folder)
    if own and version in _own_versions(folder, slug) and version not in _listed(folder, slug)["versions"]:
        return own
    return folder


def current(folder: Path, slug: str) -> ArtifactRef:
    """Check and return the version of `slug` that a new installation starts with. Raises `ArtifactError`."""
    return usable(folder, version_ref(folder, slug, str(_entry(folder, slug)["current"])))


def versions(folder: Path, slug: str) -> list[ArtifactRef]:
    """Return the stored versions of `slug`, newest first, without reading them. Raises `ArtifactError`."""
    stored = sorted(_entry(folder, slug)["versions"], key=_by_number, reverse=True)
    return [version_ref(folder, slug, version) for version in stored]


def version_ref(folder: Path, slug: str, version: str) -> ArtifactRef:
    """Return a stored version; its files are not read. Raises `ArtifactError`."""
    entry = _version(folder, slug, version)
    return ArtifactRef(slug, version, str(entry["files"][entry["model"]]))


def usable(folder: Path, ref: ArtifactRef) -> ArtifactRef:
    """Return `ref` after checking its model file and columns; no model is loaded. Raises `ArtifactError`."""
    listed = version_ref(folder, ref.slug, ref.version)
    compare(_model_path(folder, ref), listed.sha256, ref.sha256)
    check(_model_path(folder, ref), ref.sha256)
    columns(folder, ref)
    return ref


def fingerprint(folder: Path, ref: ArtifactRef) -> str:
    """Return one SHA-256 for all files that the manifest lists for a version. Raises `ArtifactError`."""
    files = _version(folder, ref.slug, ref.version)["files"]
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def find(folder: Path, slug: str, sha256: str) -> ArtifactRef:
    """Return the stored version of `slug` whose model file has this hash. Raises `ArtifactError`."""
    for ref in versions(folder, slug):
        if ref.sha256 == sha256:
            return ref
    raise ArtifactError(f"No stored version of {slug} has the SHA-256 {sha256}.")


def model_card(folder: Path, slug: str, version: str | None = None) -> dict[str, Any]:
    """Return the parsed `card.json` of a version, or of the one that a new installation starts with.

    Do not change it: it is cached. Raises `ArtifactError`.
    """
    return _listed_json(folder, slug, version or str(_entry(folder, slug)["current"]), CARD)


def golden(folder: Path, ref: ArtifactRef) -> tuple[list[Applicant], list[float]]:
    """Return applicants with the probabilities of approval that this version gave them when it was written.

    Raises `ArtifactError`.
    """
    content = _listed_json(folder, ref.slug, ref.version, GOLDEN)
    return content["applicants"], content["approval_probabilities"]


def background(folder: Path, ref: ArtifactRef) -> list[Applicant]:
    """Return the stored applicants against which this version's contributions are measured.

    Raises `ArtifactError`.
    """
    applicants: list[Applicant] = _listed_json(folder, ref.slug, ref.version, BACKGROUND)["applicants"]
    return applicants


def listed_file(folder: Path, ref: ArtifactRef, name: str) -> tuple[str, dict[str, Any]] | None:
    """Return hash and content of a file that not every version has; None if the manifest lists none.

    Do not change it: it is cached. Raises `ArtifactError`.
    """
    sha256 = _version(folder, ref.slug, ref.version)["files"].get(name)
    return None if sha256 is None else (sha256, _listed_json(folder, ref.slug, ref.version, name))


def columns(folder: Path, ref: ArtifactRef) -> Columns:
    """Return the columns that the model of `ref` was trained with.

    Raises `ArtifactError`, also when the current schema does not have them: a field was removed, or changed
    between number and choice.
    """
    sha256 = _listed_sha256(folder, ref.slug, ref.version, SCHEMA)
    path = _version_folder(folder, ref.slug, ref.version) / SCHEMA
    content = json_of(path, sha256)
    key = (folder, ref, sha256)
    if key not in _columns:
        _columns[key] = _read_columns(path, content)
    return _columns[key]


def load(folder: Path, ref: ArtifactRef) -> Model:
    """Return the model of `ref` from this process's cache or from its file. Raises `ArtifactError`."""
    key = (folder, ref)
    if model := _models.get(key):
        return model
    with _loading:
        if key not in _models:
            path = _model_path(folder, ref)
            _models[key] = read_model(str(path), content_of(path, ref.sha256), columns(folder, ref))
        return _models[key]


def load_worth(folder: Path, ref: ArtifactRef) -> Worth:
    """Return the worth of coalitions against the `background` of `ref`, prepared once in this process.

    Raises `ArtifactError`.
    """
    key = (folder, ref)
    if worth := _worths.get(key):
        return worth
    model, rows = load(folder, ref), background(folder, ref)
    with _loading:
        if key not in _worths:
            _worths[key] = _prepare_worth(_model_path(folder, ref), ref.sha256, model, rows)
        return _worths[key]


def manifest(folder: Path) -> dict[str, Any]:
    """Return the parsed manifest. Raises `ArtifactError`."""
    path = folder / MANIFEST
    content = json_of(path, sha256_of(path))
    if content.get("format") != MANIFEST_FORMAT:
        raise ArtifactError(f"{path} has the format {content.get('format')!r}, not {MANIFEST_FORMAT}.")
    return content


def _entry(folder: Path, slug: str) -> dict[str, Any]:
    """Return what is listed of a model, with the versions of its own folder. Raises `ArtifactError`."""
    listed, own = _listed(folder, slug), _own_versions(folder, slug)
    return listed | {"versions": own | listed["versions"]} if own else listed


def _own_versions(folder: Path, slug: str) -> dict[str, Any]:
    """Return the versions in the folder that was added, none if its manifest cannot be used.

    Nothing that is wrong there may stop the sale of the others.
    """
    own = _own_folders.get(folder)
    if not own or not (own / MANIFEST).exists():
        return {}
    try:
        versions: dict[str, Any] = _listed(own, slug)["versions"]
    except ArtifactError:
        return {}
    return versions


def _listed(folder: Path, slug: str) -> dict[str, Any]:
    models = manifest(folder).get("models")
    if not isinstance(models, dict) or slug not in models:
        listed = ", ".join(models) if isinstance(models, dict) else "none"
        raise ArtifactError(f"{folder / MANIFEST} lists no model {slug!r}; it lists: {listed}.")
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


def _by_number(version: str) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else -1 for part in version.split("."))


def _model_path(folder: Path, ref: ArtifactRef) -> Path:
    return _version_folder(folder, ref.slug, ref.version) / str(
        _version(folder, ref.slug, ref.version)["model"]
    )


def _version_folder(folder: Path, slug: str, version: str) -> Path:
    return home(folder, slug, version) / slug / version


def _listed_sha256(folder: Path, slug: str, version: str, name: str) -> str:
    """Return the SHA-256 that the manifest lists for a file."""
    sha256 = _version(folder, slug, version)["files"].get(name)
    if sha256 is None:
        raise ArtifactError(f"{folder / MANIFEST} lists no {name} for {slug} {version}.")
    return str(sha256)


def _listed_json(folder: Path, slug: str, version: str, name: str) -> dict[str, Any]:
    return json_of(_version_folder(folder, slug, version) / name, _listed_sha256(folder, slug, version, name))


def explains_fast(folder: Path, ref: ArtifactRef) -> bool:
    """Whether thousands of rows are explained in a second: from tables of points, not from trees.

    Raises `ArtifactError`.
    """
    return _model_path(folder, ref).suffix == ".json"


def _read_columns(path: Path, content: dict[str, Any]) -> Columns:
    try:
        stored = Columns.from_dict(content)
    except (KeyError, TypeError, ValueError) as error:
        raise ArtifactError(f"{path} is not a valid schema: {error}") from error
    kinds = {column.name: column.kind for column in LIVE.all}
    if foreign := [column.name for column in stored.all if kinds.get(column.name) != column.kind]:
        raise ArtifactError(f"{path} has fields that applicants do not have: {', '.join(foreign)}.")
    return stored


def _prepare_worth(path: Path, sha256: str, model: Model, applicants: list[Applicant]) -> Worth:
    content = content_of(path, sha256)
    try:
        rows = model.columns.to_raw(applicants)
        worth = model.worth(content, rows)
        # No field is worth the mean of the background, all fields are worth the score itself.
        found, approval = worth(rows[:1])[0], model.approval_of_raw(rows)
        if not np.allclose(found[[0, -1]], [approval.mean(), approval[0]], rtol=0, atol=1e-9):
            raise ValueError("its explanations do not agree with its scores")
    except Exception as error:
        raise ArtifactError(f"{path} cannot be explained: {error}") from error
    return worth
