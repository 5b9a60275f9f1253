"""A missing, changed or unreadable file is never used; the message names the file."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from predictions.scoring.artifacts import (
    MANIFEST,
    ArtifactError,
    ArtifactRef,
    current,
    find,
    load,
    model_card,
)
from tests.support.loans import SLUGS


def model_file(folder: Path, slug: str) -> Path:
    (found,) = (folder / slug / "2.0.0").glob("model.*")
    return found


def edit_manifest(folder: Path, change: Any) -> None:
    path = folder / MANIFEST
    content = json.loads(path.read_bytes())
    change(content)
    path.write_text(json.dumps(content))


@pytest.mark.parametrize("slug", SLUGS)
def test_an_untouched_model_is_current(slug: str, own_copy: Path) -> None:
    ref = current(own_copy, slug)
    assert ref == find(own_copy, slug, ref.sha256)
    assert model_card(own_copy, slug)["slug"] == slug


@pytest.mark.parametrize("slug", SLUGS)
def test_one_changed_byte_is_noticed_after_the_model_was_accepted(slug: str, own_copy: Path) -> None:
    ref = current(own_copy, slug)
    path = model_file(own_copy, slug)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(ArtifactError, match="SHA-256"):
        current(own_copy, slug)
    with pytest.raises(ArtifactError, match="SHA-256"):
        load(own_copy, ref)


def test_a_missing_model_file_is_named(own_copy: Path) -> None:
    path = model_file(own_copy, "catboost")
    path.unlink()
    with pytest.raises(ArtifactError, match=r"model\.cbm cannot be read"):
        current(own_copy, "catboost")


def test_a_changed_card_is_refused_and_the_model_still_sold(own_copy: Path) -> None:
    path = own_copy / "catboost" / "2.0.0" / "card.json"
    path.write_text(path.read_text().replace('"roc_auc": 0.9', '"roc_auc": 1.9', 1))
    with pytest.raises(ArtifactError, match=r"card\.json has the SHA-256"):
        model_card(own_copy, "catboost")
    assert current(own_copy, "catboost").version == "2.0.0"


def test_an_unknown_model_is_named(own_copy: Path) -> None:
    with pytest.raises(ArtifactError, match="lists no model 'oracle'"):
        current(own_copy, "oracle")


def test_an_unknown_hash_is_named(own_copy: Path) -> None:
    with pytest.raises(ArtifactError, match="No stored version of catboost"):
        find(own_copy, "catboost", "0" * 64)


def test_a_version_that_the_manifest_does_not_list_is_refused(own_copy: Path) -> None:
    with pytest.raises(ArtifactError, match=r"lists no files for catboost 9\.9\.9"):
        load(own_copy, ArtifactRef("catboost", "9.9.9", "0" * 64))


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match=r"manifest\.json cannot be read"):
        current(tmp_path, "catboost")


@pytest.mark.parametrize("content", ["", "[]", "{", '{"format": 99}', '{"format": 1, "models": []}'])
def test_an_unreadable_manifest_is_refused(content: str, tmp_path: Path) -> None:
    (tmp_path / MANIFEST).write_text(content)
    with pytest.raises(ArtifactError, match="manifest"):
        current(tmp_path, "catboost")


def test_a_file_with_the_right_hash_that_is_no_model_is_refused(own_copy: Path) -> None:
    path = model_file(own_copy, "random-forest")
    path.write_bytes(b"not a model")
    sha256 = hashlib.sha256(b"not a model").hexdigest()

    def accept(content: Any) -> None:
        content["models"]["random-forest"]["versions"]["2.0.0"]["files"]["model.onnx"] = sha256

    edit_manifest(own_copy, accept)
    with pytest.raises(ArtifactError, match=r"model\.onnx cannot be loaded"):
        load(own_copy, current(own_copy, "random-forest"))
