"""Files of an artifact folder: used only after their hash was compared, and hashed again when they change."""

import hashlib
import json
from pathlib import Path
from typing import Any

from predictions.scoring.readers import ArtifactError

_Stamp = tuple[int, int, int]
_hashes: dict[Path, tuple[_Stamp, str]] = {}
_parsed: dict[tuple[Path, str], dict[str, Any]] = {}


def check(path: Path, expected: str) -> None:
    """Raise `ArtifactError` if a file has another hash."""
    compare(path, sha256_of(path), expected)


def compare(path: Path, actual: str, expected: str) -> None:
    """Raise `ArtifactError` if a hash is another one."""
    if actual != expected:
        raise ArtifactError(f"{path} has the SHA-256 {actual}, but {expected} was expected.")


def sha256_of(path: Path) -> str:
    try:
        status = path.stat()
        stamp = (status.st_mtime_ns, status.st_size, status.st_ino)
        cached = _hashes.get(path)
        if cached is None or cached[0] != stamp:
            cached = stamp, hashlib.sha256(path.read_bytes()).hexdigest()
            _hashes[path] = cached
        return cached[1]
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}.") from error


def content_of(path: Path, sha256: str) -> bytes:
    """Return the bytes of a file after checking their hash, so the parsed bytes are the checked ones."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path} cannot be read: {error.strerror}.") from error
    compare(path, hashlib.sha256(content).hexdigest(), sha256)
    return content


def json_of(path: Path, sha256: str) -> dict[str, Any]:
    check(path, sha256)
    if (path, sha256) not in _parsed:
        try:
            content = json.loads(content_of(path, sha256))
        except ValueError as error:
            raise ArtifactError(f"{path} is not readable JSON: {error}.") from error
        if not isinstance(content, dict):
            raise ArtifactError(f"{path} is not a JSON object.")
        _parsed[path, sha256] = content
    return _parsed[path, sha256]
