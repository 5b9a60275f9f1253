"""The worker class of gunicorn: waitress answers, gunicorn starts, watches and stops its processes."""

import os
import resource
import socket
import tempfile
import time
from collections.abc import Sequence

from gunicorn.workers.base import Worker
from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer, UnixWSGIServer
from waitress.task import ThreadedTaskDispatcher

from creditscore.http.server import HEADER_BYTES, Server
from predictions.batches import store

POLL_SECONDS = 1
# Answers that are longer wait for their client, in a thread, until it has taken the rest.
BUFFERED_BYTES = 67_108_864
# Threads for exports and for requests with a password, beside those for everything else. Two passwords are
# hashed at a time; the other threads check what is refused without a hash.
FILE_THREADS = 2
PASSWORD_THREADS = 4


class TcpServer(Server, TcpWSGIServer):
    """Listens on an address and a port."""


class UnixServer(Server, UnixWSGIServer):
    """Listens on a Unix socket."""


class WaitressWorker(Worker):
    """Serves the listening sockets with `threads` threads and at most `worker_connections` connections."""

    checked = 0.0
    servers: Sequence[Server] = ()

    def run(self) -> None:
        # What waitress receives of an upload is on the disk of the files, not in a folder in memory.
        tempfile.tempdir = str(store.incoming_folder())
        allow_open_files(3 * self.cfg.worker_connections)
        self.threads = started_threads(self.cfg.threads)
        self.file_threads = started_threads(FILE_THREADS)
        self.password_threads = started_threads(PASSWORD_THREADS)
        self.map: dict[int, wasyncore.dispatcher] = {}
        self.servers = [self.serve(listener.sock) for listener in self.sockets]
        while self.alive and self.ppid == os.getppid():
            self.poll()
        self.finish_requests()

    def serve(self, listener: socket.socket) -> Server:
        adjustments = Adjustments(
            sockets=[listener],
            threads=self.cfg.threads,
            connection_limit=self.cfg.worker_connections,
            asyncore_use_poll=True,
            max_request_header_size=HEADER_BYTES,
            # Bytes as they were sent, chunks included. `creditscore.http.bodies` has the limit of the body.
            max_request_body_size=1_073_741_824,
            outbuf_high_watermark=BUFFERED_BYTES,
            # Django reads them, and trusts NUM_PROXIES of them.
            clear_untrusted_proxy_headers=False,
            # Clients that disconnect are no errors.
            log_socket_errors=False,
            ident="",
        )
        where = (listener.family, listener.type, listener.proto, listener.getsockname())
        server = UnixServer if listener.family == socket.AF_UNIX else TcpServer
        return server(
            self.wsgi,
            self.map,
            _sock=listener,
            dispatcher=self.threads,
            adj=adjustments,
            sockinfo=where,
            bind_socket=False,
            files=self.file_threads,
            passwords=self.password_threads,
            keepalive=self.cfg.keepalive,
        )

    def poll(self) -> None:
        """Tell gunicorn that this process lives, wait for events, and close slow and idle connections."""
        self.notify()
        for server in self.servers:
            server.make_room()
        wasyncore.loop(timeout=POLL_SECONDS, use_poll=True, map=self.map, count=1)
        if time.monotonic() > self.checked + POLL_SECONDS:
            self.checked = time.monotonic()
            for server in self.servers:
                server.close_slow_channels()

    def handle_exit(self, _signal: int, _frame: object) -> None:
        """SIGTERM: leave the loop of `run` at once."""
        self.alive = False
        for server in self.servers:
            server.pull_trigger()

    def finish_requests(self) -> None:
        """Return when all requests have been answered, after `graceful_timeout` seconds at most."""
        for server in self.servers:
            server.stop()
        deadline = time.monotonic() + self.cfg.graceful_timeout
        while any(server.active_channels for server in self.servers) and time.monotonic() < deadline:
            self.poll()


def started_threads(count: int) -> ThreadedTaskDispatcher:
    threads = ThreadedTaskDispatcher()
    threads.set_thread_count(count)
    return threads


def allow_open_files(count: int) -> None:
    """Raise the limit of open files to `count`, or as far as this process may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
