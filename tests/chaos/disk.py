"""The disk of files: a file system in memory that can be made full. Only the superuser may have one."""

import contextlib
import ctypes
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

# See unshare(2): this process and those that it starts have mounts of their own, which end with the last one.
CLONE_NEWNS = 0x00020000
ROOM = "size=75%"
TRIES = 200


def have_own_mounts() -> bool:
    """Return whether this process may mount from now on; nobody else sees what it mounts."""
    if os.geteuid() != 0 or ctypes.CDLL(None).unshare(CLONE_NEWNS) != 0:
        return False
    return _mount("--make-rprivate", "/")


def mount(folder: Path) -> None:
    """Mount a file system of its own at `folder`."""
    if not _mount("-t", "tmpfs", "-o", f"{ROOM},mode=700", "chaos", str(folder)):
        raise OSError(f"nothing can be mounted at {folder}")


def unmount(folder: Path) -> None:
    """Detach it at once, whoever still has something open there."""
    subprocess.run(["/bin/umount", "--lazy", str(folder)], check=True)


@contextlib.contextmanager
def full(folder: Path) -> Iterator[None]:
    """The file system at `folder` has exactly the size of what is in it."""
    for _try in range(TRIES):
        found = os.statvfs(folder)
        used = (found.f_blocks - found.f_bfree) * found.f_frsize
        # Something may have been written in between.
        if _mount("-o", f"remount,size={max(used, found.f_frsize)}", str(folder)):
            break
        time.sleep(0.01)
    else:
        raise OSError(f"{folder} does not become full")
    try:
        yield
    finally:
        if not _mount("-o", f"remount,{ROOM}", str(folder)):
            raise OSError(f"{folder} stays full")


def _mount(*arguments: str) -> bool:
    done = subprocess.run(["/bin/mount", *arguments], stderr=subprocess.DEVNULL, check=False)
    return done.returncode == 0


@contextlib.contextmanager
def away(folder: Path) -> Iterator[None]:
    """Nothing can be read or written there, as after a network share was lost."""
    folder.mkdir(mode=0o700, exist_ok=True)
    gone = folder.with_name(f"{folder.name}.gone")
    folder.rename(gone)
    try:
        folder.touch()
        yield
    finally:
        folder.unlink()
        gone.rename(folder)
