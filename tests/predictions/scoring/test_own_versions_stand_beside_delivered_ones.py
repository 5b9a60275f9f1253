"""An installation's own versions are in a folder of their own, and what is wrong there stops no sale."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from predictions.scoring import artifacts
from predictions.scoring.bins import bins_of
from predictions.scoring.predict import score
from predictions.scoring.schema import Applicant
from predictions.training.artifacts import Artifact, write_model
from tests.support.artifacts import SOLD_VERSION

SLUG = "logistic-regression"


@pytest.fixture
def own(own_copy: Path, tmp_path: Path) -> Iterator[Path]:
    artifacts.add_own_folder(own_copy, tmp_path / "own")
    yield tmp_path / "own"
    artifacts.add_own_folder(own_copy, tmp_path / "none")


def other(folder: Path, seed: int) -> Artifact:
    """A scorecard whose file differs by a comment from the one in the folder."""
    path = folder / SLUG / SOLD_VERSION
    content = path.joinpath("model.json").read_bytes() + b" " * seed
    card = dict(artifacts.model_card(folder, SLUG, SOLD_VERSION))
    ref = artifacts.version_ref(folder, SLUG, SOLD_VERSION)
    bins = bins_of(folder, ref)
    assert bins
    return Artifact(SLUG, "model.json", content, card, artifacts.background(folder, ref), bins)


def test_a_new_version_is_seen_at_once_and_gets_a_number_that_is_never_delivered(
    own: Path, own_copy: Path, strong: Applicant
) -> None:
    assert write_model(own, other(own_copy, 1), own_copy) == "2.0.1"
    assert write_model(own, other(own_copy, 2), own_copy) == "2.0.2"
    assert write_model(own, other(own_copy, 1), own_copy) == "2.0.1"
    assert write_model(own, other(own_copy, 0), own_copy) == SOLD_VERSION
    listed = artifacts.versions(own_copy, SLUG)
    assert [ref.version for ref in listed[:3]] == ["2.0.2", "2.0.1", SOLD_VERSION]
    assert artifacts.current(own_copy, SLUG).version == SOLD_VERSION
    for ref in listed[:3]:
        assert artifacts.usable(own_copy, ref) == ref
        assert score(own_copy, ref, [strong]) == score(own_copy, listed[2], [strong])
    assert artifacts.home(own_copy, SLUG, "2.0.2") == own
    assert artifacts.home(own_copy, SLUG, SOLD_VERSION) == own_copy
    assert not (own_copy / SLUG / "2.0.1").exists()


def test_two_that_write_at_the_same_time_get_two_numbers(own: Path, own_copy: Path) -> None:
    models = [other(own_copy, number) for number in range(1, 7)]
    with ThreadPoolExecutor(6) as pool:
        versions = list(pool.map(lambda model: write_model(own, model, own_copy), models))
    assert sorted(versions) == [f"2.0.{number}" for number in range(1, 7)]
    assert len(artifacts.versions(own, SLUG)) == 6


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 7}', b'{"format": 1, "models": []}'])
def test_a_broken_manifest_of_own_versions_stops_no_delivered_one(
    own: Path, own_copy: Path, content: bytes
) -> None:
    write_model(own, other(own_copy, 1), own_copy)
    (own / "manifest.json").write_bytes(content)
    listed = [ref.version for ref in artifacts.versions(own_copy, SLUG)]
    assert listed[0] == SOLD_VERSION
    artifacts.usable(own_copy, artifacts.current(own_copy, SLUG))


def test_a_version_whose_folder_is_gone_is_named_as_broken(own: Path, own_copy: Path) -> None:
    write_model(own, other(own_copy, 1), own_copy)
    ref = artifacts.version_ref(own_copy, SLUG, "2.0.1")
    shutil.rmtree(own / SLUG / "2.0.1")
    with pytest.raises(artifacts.ArtifactError, match="cannot be read"):
        artifacts.usable(own_copy, ref)
