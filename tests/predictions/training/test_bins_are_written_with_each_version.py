"""Training freezes the bins of a version; those of earlier versions can be added from their data."""

import json
from pathlib import Path

import numpy as np
import pytest

from predictions.scoring import artifacts
from predictions.scoring.artifacts import BINS
from predictions.scoring.bins import SCORE, bins_of
from predictions.scoring.models.protocol import COLUMN
from predictions.training import bins as training_bins
from predictions.training.__main__ import QUICK_ROWS, SEED
from predictions.training.__main__ import main as train
from predictions.training.bins import make_bins
from predictions.training.data import Data, check_frame
from predictions.training.recipes import QUICK
from predictions.training.synthetic import synthetic_frame


@pytest.fixture(scope="module")
def data() -> Data:
    return check_frame(synthetic_frame(QUICK_ROWS, SEED), "synthetic")


def test_a_new_version_has_the_rows_of_its_data_in_its_bins(trained: Path, data: Data) -> None:
    for slug in artifacts.manifest(trained)["models"]:
        bins = bins_of(trained, artifacts.current(trained, slug))
        assert bins
        by_name = {field.name: field for field in bins.fields}
        for name, place in COLUMN.items():
            field = by_name[name]
            assert field.count(data.raw[:, place]) == list(field.rows)
        assert sum(by_name[SCORE].rows) == len(data)


def test_numbers_are_in_tenths_and_equal_ones_together(data: Data) -> None:
    approval = np.round(np.linspace(0, 1, len(data)), 1)
    approval[: len(data) // 2] = 0.5
    bins = {field.name: field for field in make_bins(data, approval).fields}
    income = np.array(bins["person_income"].rows[:-1]) / len(data)
    assert len(income) == 10
    assert income.min() > 0.05
    assert income.max() < 0.2
    # Half of all have the same score: it is whole in one bin, and the others are in theirs.
    score = np.array(bins[SCORE].rows)
    assert score.max() >= len(data) / 2
    assert not set(bins[SCORE].edges) & set(approval.tolist())
    unknown = np.isnan(data.raw[:, COLUMN["loan_int_rate"]]).sum()
    assert bins["loan_int_rate"].rows[-1] == unknown > 0


def test_a_field_with_one_value_alone_has_one_bin(data: Data) -> None:
    same = make_bins(data, np.full(len(data), 0.7)).fields[0]
    assert (same.edges, same.rows) == ((), (len(data), 0))


def test_bins_of_other_data_or_of_another_recipe_are_not_made(
    own_copy: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = own_copy / artifacts.MANIFEST
    manifest.write_text(manifest.read_text().replace(BINS, "other.json"))
    before = manifest.read_text()
    path = tmp_path / "loans.csv"
    synthetic_frame(QUICK_ROWS, SEED).to_csv(path, index=False)
    training_bins.main(own_copy, path)
    said = capsys.readouterr().out
    assert "catboost 2.0.0: no bins, because it was trained with other data" in said
    assert "catboost 1.0.0: no bins, because it was trained by another recipe" in said
    assert manifest.read_text() == before


def test_bins_that_are_made_later_are_those_of_the_training(tmp_path: Path) -> None:
    path, folder = tmp_path / "loans.csv", tmp_path / "artifacts"
    synthetic_frame(QUICK_ROWS, SEED).to_csv(path, index=False)
    assert train([str(path), "--quick", "--out", str(folder)]) == 0
    manifest, files = folder / artifacts.MANIFEST, sorted(folder.glob(f"*/*/{BINS}"))
    before = [manifest.read_bytes(), *(file.read_bytes() for file in files)]
    without = json.loads(before[0])
    for model in without["models"].values():
        for version in model["versions"].values():
            del version["files"][BINS]
    manifest.write_text(json.dumps(without))
    for file in files:
        file.unlink()
    training_bins.main(folder, path, QUICK)
    assert [manifest.read_bytes(), *(file.read_bytes() for file in files)] == before
    assert len(files) == 3
