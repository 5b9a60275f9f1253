"""A test database that can be taken away from other processes, and given back."""

import contextlib
import socket
import sqlite3
import threading
from collections.abc import Iterator
from typing import Protocol

import pytest
from django.db import connection

from tests.support.database import database_url
from tests.support.processes import free_port


class Outage(Protocol):
    """`url` is the database as `DATABASE_URL` names it."""

    url: str

    def begin(self) -> None: ...

    def end(self) -> None: ...


class Proxy:
    """Between clients and PostgreSQL. During an outage, connections are cut and new ones are refused."""

    def __init__(self, server: tuple[str, int]) -> None:
        self._server, self.port = server, free_port()
        address = f"{server[0]}:{server[1]}"
        self.url = database_url().replace(address, f"127.0.0.1:{self.port}")
        self._sockets: list[socket.socket] = []
        self.end()

    def begin(self) -> None:
        for each in self._sockets:
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()
        self._sockets.clear()

    def end(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self._sockets.append(listener)
        threading.Thread(target=self._accept, args=[listener], daemon=True).start()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = listener.accept()
                server = socket.create_connection(self._server)
                self._sockets += [client, server]
                for source, target in ((client, server), (server, client)):
                    threading.Thread(target=_pump, args=[source, target], daemon=True).start()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_RDWR)


class Lock:
    """Of the SQLite file. During an outage, another connection has the write lock."""

    def __init__(self) -> None:
        self.url = f"{database_url()}?timeout=1"
        self._holder: sqlite3.Connection | None = None

    def begin(self) -> None:
        name = str(connection.settings_dict["NAME"])
        self._holder = sqlite3.connect(name, isolation_level=None, check_same_thread=False)
        self._holder.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        if self._holder:
            self._holder.close()
            self._holder = None


@pytest.fixture
def outage(transactional_db: None) -> Iterator[Outage]:
    """The test database, for other processes."""
    outage: Outage
    if connection.vendor == "sqlite":
        outage = Lock()
        yield outage
        outage.end()
    else:
        outage = Proxy((connection.settings_dict["HOST"], int(connection.settings_dict["PORT"])))
        yield outage
        outage.begin()
