"""The same data and seed give the same files to the last byte, and then no new version."""

import shutil
from pathlib import Path

from predictions.training.__main__ import main


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_a_second_training_changes_no_byte(trained: Path, tmp_path: Path) -> None:
    before = contents(trained)
    folder = Path(shutil.copytree(trained, tmp_path / "artifacts"))
    for model in folder.rglob("model.*"):
        model.write_bytes(b"to be written again")
    assert main(["--quick", "--out", str(folder)]) == 0
    after = contents(folder)
    assert len(before) == 19
    assert sorted(after) == sorted(before)
    assert [name for name in before if before[name] != after[name]] == []
