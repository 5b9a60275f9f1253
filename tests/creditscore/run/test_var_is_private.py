"""The service's folder holds what opens accounts, so only its owner may enter it or read a file in it."""

import contextlib
import os
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from creditscore.run.private_files import keep_private
from tests.support.local_service import Service

ANSWER_SECONDS = 180


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder of somebody else, open to everyone, with a file."""
    folder = tmp_path / "foreign"
    folder.mkdir()
    return wide(folder, "file")


def wide(folder: Path, *names: str) -> Path:
    """Create files in a folder; it and they can be read and written by everyone."""
    for name in names:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
        for path in ((folder / name), (folder / name).parent):
            path.chmod(0o777 if path.is_dir() else 0o666)
    return folder


def open_to_others(folder: Path) -> dict[str, str]:
    """The modes of what others have rights to: the folder and all in it, without links."""
    return {
        str(path.relative_to(folder)): stat.filemode(path.lstat().st_mode)
        for path in (folder, *folder.rglob("*"))
        if not path.is_symlink() and path.lstat().st_mode & 0o077
    }


def test_make_run_tightens_a_folder_of_an_earlier_version_and_creates_private_files(
    service: Service, foreign: Path
) -> None:
    # An empty file is an empty database.
    wide(service.var, "db.sqlite3", "web.log", "static/app.css", "run.lock")
    (service.var / "link").symlink_to(foreign)
    (service.var / "link-to-file").symlink_to(foreign / "file")
    before = open_to_others(foreign)
    service.start()
    service.wait_for("is ready")
    assert service.get("/healthz")
    assert stat.S_IMODE(service.var.stat().st_mode) == 0o700
    modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in service.var.iterdir()}
    created = ("db.sqlite3-wal", "db.sqlite3-shm", "broker.log", "operator-password")
    for name in ("db.sqlite3", "web.log", "run.lock", *created):
        assert modes[name] == 0o600, name
    assert [mode for name, mode in modes.items() if name.endswith(".sock")] in ([], [0o600])
    assert open_to_others(service.var) == {}
    assert open_to_others(foreign) == before == {".": "drwxrwxrwx", "file": "-rw-rw-rw-"}
    assert service.press_ctrl_c() == 0


def test_commands_by_hand_create_private_files(tmp_path: Path) -> None:
    var = tmp_path / "var"
    run_by_hand(var, sys.executable, "manage.py", "showmigrations", "accounts")
    assert (var / "db.sqlite3").exists()
    assert open_to_others(var) == {}
    wide(var, "db.sqlite3")
    run_by_hand(var, sys.executable, "manage.py", "showmigrations", "accounts")
    assert open_to_others(var) == {}


def test_a_web_server_by_hand_creates_private_files(tmp_path: Path) -> None:
    var = tmp_path / "var"
    var.mkdir()
    address = var / "web.sock"
    with web_server(var, address):
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(ANSWER_SECONDS)
            client.connect(str(address))
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert client.recv(100).startswith(b"HTTP/1.1 ")
        assert (var / "db.sqlite3").exists()
        assert stat.S_ISSOCK(address.stat().st_mode)
        assert open_to_others(var) == {}


@pytest.mark.parametrize("holds", ["home", "code"])
def test_a_folder_that_holds_more_stays_as_it_is(
    tmp_path: Path, holds: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = wide(tmp_path / "much", "file", "code/manage.py", "home/.profile")
    before = open_to_others(folder)
    monkeypatch.setenv("HOME", str(folder / "home" if holds == "home" else tmp_path / "elsewhere"))
    keep_private(folder, code=folder / "code" if holds == "code" else tmp_path / "elsewhere")
    assert open_to_others(folder) == before != {}


def test_what_belongs_to_another_user_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = wide(tmp_path / "var", "file")
    monkeypatch.setattr(os, "geteuid", lambda: 4_000_000)
    keep_private(folder, code=tmp_path / "elsewhere")
    assert set(open_to_others(folder)) == {".", "file"}


def test_a_link_as_the_folder_is_the_folder_it_names(tmp_path: Path) -> None:
    folder = wide(tmp_path / "disk", "db.sqlite3")
    (tmp_path / "var").symlink_to(folder)
    keep_private(tmp_path / "var", code=tmp_path / "elsewhere")
    assert open_to_others(folder) == {}


def environment(var: Path) -> dict[str, str]:
    inherited = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
    }
    return inherited | {"VAR_DIR": str(var)}


def run_by_hand(var: Path, *command: str) -> None:
    subprocess.run(
        command,
        cwd=settings.BASE_DIR,
        env=environment(var),
        umask=0o022,
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextlib.contextmanager
def web_server(var: Path, address: Path) -> Iterator[None]:
    """gunicorn on a Unix socket, once it accepts connections."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "creditscore.wsgi"],
        cwd=settings.BASE_DIR,
        env=environment(var) | {"BIND": f"unix:{address}", "WEB_CONCURRENCY": "1"},
        umask=0o022,
    )
    try:
        while not address.exists():
            assert process.poll() is None
            time.sleep(0.05)
        yield
    finally:
        process.terminate()
        process.wait()
