"""Keeps the service's folder to its owner: it holds the database, the broker's socket and a password."""

import contextlib
import os
import stat
from pathlib import Path

# The rights of the group and of all other users.
OTHERS = 0o077


def keep_private(folder: Path, code: Path) -> None:
    """Give new files of this process to their owner alone, and take the rights of others from old ones.

    Links in the folder are not followed, and what belongs to another user stays as it is. So does a folder
    that holds more than the service's data: one of the system, a home, or one that `code` is in.
    """
    os.umask(OTHERS)
    real = folder.resolve()
    holds_more = any(path.is_relative_to(real) for path in (code, Path(os.environ.get("HOME", "/"))))
    if real.is_dir() and len(real.parts) > 2 and not holds_more and os.access(real, os.W_OK):
        _tighten(real)
        _tighten_content(real)


def _tighten_content(folder: Path) -> None:
    """Tighten what is in the folder. A folder in it that was private before is not entered."""
    for path in folder.iterdir():
        # Another process of the service may delete its files in the meantime.
        with contextlib.suppress(FileNotFoundError):
            if _tighten(path) and path.is_dir():
                _tighten_content(path)


def _tighten(path: Path) -> bool:
    """Take the rights of others from a file or folder of this user; False if there was nothing to take."""
    status = path.lstat()
    mine = status.st_uid == os.geteuid() and not stat.S_ISLNK(status.st_mode)
    if not mine or not status.st_mode & OTHERS:
        return False
    path.chmod(stat.S_IMODE(status.st_mode) & ~OTHERS)
    return True
