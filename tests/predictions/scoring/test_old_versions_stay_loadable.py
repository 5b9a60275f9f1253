"""A new training adds a version; what was sold before can be checked again."""

import shutil
from pathlib import Path

import pytest

from predictions.scoring.artifacts import background, current, find
from predictions.scoring.predict import score
from predictions.training.__main__ import main
from tests.support.loans import made_up_applicants

SLUG = "catboost"


@pytest.fixture
def retrained(trained: Path, tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(trained, tmp_path / "artifacts"))
    assert main(["--quick", "--seed", "5", "--out", str(folder)]) == 0
    return folder


def test_an_old_version_is_found_by_its_hash_and_gives_old_numbers(trained: Path, retrained: Path) -> None:
    old, new = current(trained, SLUG), current(retrained, SLUG)
    assert (old.version, new.version) == ("2.0.0", "2.1.0")
    applicants = made_up_applicants(200)
    before = score(trained, old, applicants)
    assert find(retrained, SLUG, old.sha256) == old
    assert score(retrained, old, applicants).tobytes() == before.tobytes()
    assert score(retrained, new, applicants).tobytes() != before.tobytes()
    assert background(retrained, old) == background(trained, old)
