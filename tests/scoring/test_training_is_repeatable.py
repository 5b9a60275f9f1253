"""The same data and seed give the same files to the last byte."""

from pathlib import Path

from predictions.scoring.train import main


def test_two_trainings_write_the_same_bytes(trained: Path, tmp_path: Path) -> None:
    assert main(["--quick", "--out", str(tmp_path)]) == 0
    names = sorted(path.relative_to(trained) for path in trained.rglob("*") if path.is_file())
    assert len(names) == 10
    assert names == sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert [name for name in names if (trained / name).read_bytes() != (tmp_path / name).read_bytes()] == []


def test_training_again_into_the_same_folder_keeps_the_version(trained: Path, tmp_path: Path) -> None:
    assert main(["--quick", "--out", str(tmp_path)]) == 0
    manifest = (tmp_path / "manifest.json").read_bytes()
    assert main(["--quick", "--out", str(tmp_path)]) == 0
    assert (tmp_path / "manifest.json").read_bytes() == manifest
