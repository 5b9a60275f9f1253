"""Faults of the folder of files: nothing can be written there, and afterwards all is as before."""

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from predictions.batches import store
from tests.chaos import disk

# In a process of its own, because its mounts stay as long as it does.
FULL = """
import sys
from pathlib import Path
from tests.chaos import disk

folder = Path(sys.argv[1])
if not disk.have_own_mounts():
    sys.exit("not allowed")
disk.mount(folder)
(folder / "before").write_bytes(b"x" * 10_000)
with disk.full(folder):
    try:
        (folder / "during").write_bytes(b"x" * 10_000)
    except OSError as error:
        print(error.errno)
    print((folder / "before").stat().st_size)
(folder / "after").write_bytes(b"x" * 10_000)
disk.unmount(folder)
print(list(folder.iterdir()))
"""


def test_a_folder_that_is_away_takes_and_gives_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "batches"
    folder.mkdir()
    (folder / "kept").write_text("kept")
    with disk.away(folder):
        with pytest.raises(OSError, match="Not a directory"):
            (folder / "kept").read_text()
        with pytest.raises(OSError, match="File exists"):
            folder.mkdir(parents=True)
    assert (folder / "kept").read_text() == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["batches"]


def test_a_full_disk_says_what_the_service_waits_for(tmp_path: Path) -> None:
    command = [sys.executable, "-c", FULL, str(tmp_path)]
    done = subprocess.run(command, text=True, capture_output=True, check=False)
    if "not allowed" in done.stderr:
        pytest.skip("only the superuser may mount, and not in every container")
    assert done.returncode == 0, done.stderr
    assert done.stdout.split("\n")[:3] == [str(errno.ENOSPC), "10000", "[]"]
    assert errno.ENOSPC in store.FULL
    assert list(tmp_path.iterdir()) == []
