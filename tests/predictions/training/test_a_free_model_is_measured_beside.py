"""The card says what the directions cost; cards from before get the figures without a new version."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from predictions.scoring.artifacts import MANIFEST
from predictions.scoring.model_card import read_model_card
from predictions.training.__main__ import QUICK_ROWS, SEED, main
from predictions.training.data import Data, read_data
from predictions.training.free_models import main as add_free_figures
from predictions.training.free_models import with_free
from predictions.training.recipes import QUICK, recipes
from predictions.training.synthetic import synthetic_frame
from tests.support.loans import SLUGS


@pytest.fixture(scope="module")
def loans(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("loans") / "loans.csv"
    synthetic_frame(QUICK_ROWS, SEED).to_csv(path, index=False)
    return path


@pytest.fixture(scope="module")
def complete(loans: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("complete")
    assert main([str(loans), "--quick", "--out", str(folder)]) == 0
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def without_figures(folder: Path) -> None:
    """Make the artifacts those of a time before there were the figures."""
    manifest = json.loads((folder / MANIFEST).read_text())
    for path in folder.rglob("card.json"):
        card = json.loads(path.read_text())
        del card["free"]
        path.write_text(json.dumps(card, indent=1, sort_keys=True) + "\n")
        version = manifest["models"][card["slug"]]["versions"][path.parent.name]
        version["files"]["card.json"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_training_measures_a_free_model(complete: Path) -> None:
    for slug in SLUGS:
        card = read_model_card(complete, slug)
        assert card["free"]["noise"][0]["roc_auc"] > 0.5
        assert card["free"]["noise"] != card["stability"]["noise"]
        assert any(row["fell_noticeably"] for row in card["free"]["directions"])


def test_cards_from_before_get_the_same_figures_and_nothing_else_changes(
    complete: Path, loans: Path, tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(complete, tmp_path / "artifacts"))
    without_figures(folder)
    add_free_figures(folder, loans, QUICK)
    assert contents(folder) == contents(complete)


def test_cards_of_other_data_stay_as_they_are(complete: Path, loans: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(complete, tmp_path / "artifacts"))
    without_figures(folder)
    before, other = contents(folder), tmp_path / "other.csv"
    other.write_bytes(loans.read_bytes() + b"\n")
    add_free_figures(folder, other, QUICK)
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("free", "after_noise", "told"),
    [(0.93, 0.90, True), (0.93, 0.901, True), (0.93, 0.903, False), (0.92, 0.90, False), (0.91, 0.89, False)],
)
def test_the_limits_say_only_what_was_measured(free: float, after_noise: float, told: bool) -> None:
    noise = [{"roc_auc": 0.92}, {"roc_auc": 0.91}, {"roc_auc": 0.90}]
    card = {"stability": {"noise": noise}, "limits": ["purpose", "free_model"]}
    figures = {"noise": [{"roc_auc": free}, {"roc_auc": 0.91}, {"roc_auc": after_noise}]}
    limits = ["purpose", "free_model"] if told else ["purpose"]
    assert with_free(card, figures) == {**card, "free": figures, "limits": limits}


def test_a_free_model_is_not_the_one_that_is_sold(loans: Path) -> None:
    data: Data = read_data(loans)
    for recipe in recipes(QUICK):
        sold, free = recipe.fit(data, SEED), recipe.free(data, SEED)
        assert (sold.outputs(data.raw) != free.outputs(data.raw)).any()
