"""Schemas that differ: code with a changed schema in a process of its own, artifacts with another one."""

import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from predictions.scoring.artifacts import MANIFEST, SCHEMA

ROOT = Path(__file__).resolve().parents[2]
Fields = list[dict[str, Any]]


def changed_code(folder: Path, changes: dict[str, str]) -> Path:
    """A copy of the code in `folder` whose schema has each key of `changes` replaced by its value."""
    for name in ("scoring", "training"):
        shutil.copytree(ROOT / "predictions" / name, folder / "predictions" / name)
    shutil.copy(ROOT / "predictions" / "__init__.py", folder / "predictions")
    shutil.copy(ROOT / "number_input.py", folder)
    schema = folder / "predictions" / "scoring" / "schema.py"
    text = schema.read_text()
    for old, new in changes.items():
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    schema.write_text(text)
    return folder


def run(code: Path, *arguments: str, status: int = 0) -> subprocess.CompletedProcess[str]:
    """Python in the folder `code`, which must end with `status`."""
    done = subprocess.run([sys.executable, *arguments], cwd=code, capture_output=True, text=True)
    assert done.returncode == status, done.stderr
    return done


def artifacts_with(folder: Path, slug: str, change: Callable[[Fields], object]) -> Path:
    """A copy of the sold artifacts in `folder`, where `change` was made to the columns of model `slug`."""
    if not folder.exists():
        shutil.copytree(ROOT / "ml_artifacts", folder)
    path = folder / slug / "2.0.0" / SCHEMA
    content = json.loads(path.read_bytes())
    change(content["fields"])
    path.write_text(json.dumps(content))
    manifest = json.loads((folder / MANIFEST).read_bytes())
    files = manifest["models"][slug]["versions"]["2.0.0"]["files"]
    files[SCHEMA] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))
    return folder


def named(fields: Fields, name: str) -> dict[str, Any]:
    return next(field for field in fields if field["name"] == name)
