"""HTTP connections that cannot keep a thread: waitress reads requests and sends answers without one.

Only complete requests are given to threads, and what clients have not taken yet is buffered. This module adds
what waitress lacks: time limits for slow clients, one limit for bodies, and answers to HEAD without a body.
"""

import contextlib
import io
import socket
import time
from typing import Any

from django.conf import settings
from waitress import wasyncore
from waitress.channel import HTTPChannel
from waitress.server import BaseWSGIServer
from waitress.task import ErrorTask, Task, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import RequestEntityTooLarge

from creditscore.http.bodies import DISK_FULL, MAX_BYTES, QUEUE_FULL, STRANGER, has_password
from creditscore.http.incoming import Request, RequestTimeout
from creditscore.http.uploads import Inquiry, Uploader, room_for

HEADER_BYTES = 32_768
HEADER_SECONDS = 10
LINGER_SECONDS = 2
# Requests with a password that wait for a thread in a process. Hashing them takes 5 s on two cores.
MAX_QUEUED_PASSWORDS = 40
# Shares of a process's connections: from the first on, it closes idle ones down to the second.
FULL, ROOMY = 0.9, 0.8
# A client that takes less than this in SLOW_CLIENT_SECONDS is disconnected.
SLOWEST_BYTES = 262_144


class AppTask(WSGITask):
    """Runs the application; sends no body in answer to HEAD."""

    chunked_response: bool
    close_on_finish: bool

    def start(self) -> None:
        super().start()
        if self.request.error or self.channel.server.stopping:
            self.set_close_on_finish()

    def get_environment(self) -> dict[str, Any]:
        environment: dict[str, Any] = super().get_environment()
        if self.request.queue_full:
            environment[QUEUE_FULL] = True
        if self.request.disk_full:
            environment[DISK_FULL] = True
        if self.request.is_strangers:
            # The application refuses it by its headers.
            environment |= {STRANGER: True, "CONTENT_LENGTH": "0", "wsgi.input": io.BytesIO()}
        return environment

    def build_response_header(self) -> bytes:
        """Keep the connection after a 204 or 304: waitress closes it as if the length were unknown."""
        asked = self.request.headers.get("CONNECTION", "").lower() == "close"
        keep = not (self.has_body or self.close_on_finish or asked) and self.version == "1.1"
        header: bytes = super().build_response_header()
        if keep:
            self.close_on_finish = False
            header = header.replace(b"\r\nConnection: close\r\n", b"\r\n")
        return header

    def write(self, data: bytes) -> None:
        super().write(b"" if self.request.command == "HEAD" else data)

    def finish(self) -> None:
        self.chunked_response = self.chunked_response and self.request.command != "HEAD"
        super().finish()


def error_task(channel: HTTPChannel, request: Request) -> Task:
    """Return the task that answers a request with an error: for a long body, the application itself."""
    if isinstance(request.error, RequestEntityTooLarge):
        return AppTask(channel, request)
    return ErrorTask(channel, request)


class Channel(HTTPChannel):
    """A connection that knows for how long it has been waiting for its client, and for what."""

    parser_class = Request
    task_class = AppTask
    error_task_class = staticmethod(error_task)
    request: Request | None
    served = 0
    sent_bytes = 0
    has_unread_input = False
    lingering = False
    _progress: tuple[str, int, int, int] = ("", 0, 0, 0)
    _since = 0.0

    def close_if_slow(self, now: float) -> None:
        """Disconnect a client that has made no progress for too long; called once per second."""
        waits_for = self._waits_for()
        if not self._note_progress(now) and now - self._since > self._limit(waits_for):
            self.give_up(waits_for)

    def disconnect(self) -> None:
        """Close the connection, whatever its client has left to send or to read."""
        self.has_unread_input = False
        self.handle_close()

    def waiting_since(self, now: float) -> tuple[bool, float]:
        """Return what sorts connections by how long they have waited; readers of answers come last."""
        self._note_progress(now)
        return self._progress[0] == "reader", self._since

    def _note_progress(self, now: float) -> bool:
        """Return whether there was any since the last call."""
        sent = self.request.body_bytes_received if self.request else 0
        # Only uploads are longer than MAX_BYTES: other bodies have one time limit for all.
        progress = (self._waits_for(), self.served, self.sent_bytes // SLOWEST_BYTES, sent // MAX_BYTES)
        if progress == self._progress:
            return False
        self._progress, self._since = progress, now
        return True

    def _waits_for(self) -> str:
        if self.lingering:
            return "end"
        if self.total_outbufs_len:
            return "reader"
        if self.requests:
            return "application"
        if self.request is None and self.served:
            return "next request"
        return "body" if self.request and self.request.headers_finished else "header"

    def _limit(self, waits_for: str) -> float:
        slow = settings.SLOW_CLIENT_SECONDS
        # A client may be sending a request while the process stops.
        soon = LINGER_SECONDS if self.server.stopping else slow
        limits: dict[str, float] = {
            "end": LINGER_SECONDS,
            "reader": slow,
            "application": float("inf"),
            "next request": min(self.server.keepalive, soon),
            "body": slow,
            "header": min(HEADER_SECONDS, soon),
        }
        return limits[waits_for]

    def give_up(self, waits_for: str) -> None:
        """Answer 408 to half a request; close a connection that has none."""
        if self.request is None or waits_for not in ("header", "body"):
            self.disconnect()
            return
        self.request.error, self.request.completed = RequestTimeout(""), True
        self._hand_over()

    def _hand_over(self) -> None:
        """Let a thread answer half a request."""
        with self.requests_lock:
            self.requests.append(self.request)
            self.request = None
            first = len(self.requests) == 1
        if first:
            self.server.add_task(self)

    def service(self) -> None:
        self.served += 1
        self.has_unread_input = bool(self.requests[0].error)
        super().service()

    def send(self, data: bytes, do_close: bool = True) -> int:
        sent: int = super().send(data, do_close=do_close)
        self.sent_bytes += sent
        return sent

    def handle_close(self) -> None:
        """Close the connection, but let the client read an answer that came before the end of its request.

        Closing a socket with unread input resets the connection, and the client loses the answer.
        """
        if not self.has_unread_input or self.lingering:
            super().handle_close()
            return
        self.lingering = True
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_WR)

    def readable(self) -> bool:
        is_asking = self.request is not None and self.request.is_asking
        return self.lingering or (not is_asking and super().readable())

    def writable(self) -> bool:
        return not self.lingering and bool(super().writable())

    def received(self, data: bytes) -> bool:
        taken = not self.lingering and super().received(data)
        self._ask_who_uploads()
        return taken

    def send_continue(self) -> None:
        """Ask for the body, but for that of an upload only once it is known whose it is."""
        if self.request and (self.request.uploader or not self.request.is_long):
            super().send_continue()

    def _ask_who_uploads(self) -> None:
        """Have a thread find out who sends a long body, which is not read before."""
        request = self.request
        if request is None or not request.is_long or request.asked:
            return
        request.asked = True

        def answer(found: Uploader | None) -> None:
            self.server.trigger.pull_trigger(lambda: self._admit(request, found))

        environment = AppTask(self, request).get_environment()
        self.server.task_dispatcher.add_task(Inquiry(environment, answer))

    def _admit(self, request: Request, uploader: Uploader | None) -> None:
        """Let the body be received, or refuse it. Called by the loop."""
        if not self.connected or self.request is not request:
            return
        if uploader is None or not self.server.makes_room_for_upload(uploader):
            request.refuse(queue_full=uploader is not None, is_strangers=uploader is None)
            self._hand_over()
            return
        request.uploader, request.began = uploader, time.monotonic()
        if request.expect_continue and not self.requests and not self.sent_continue:
            super().send_continue()


class Server(BaseWSGIServer):
    """A listening socket with its connections, of any family."""

    channel_class = Channel
    stopping = False

    def __init__(
        self,
        *arguments: Any,
        files: ThreadedTaskDispatcher,
        passwords: ThreadedTaskDispatcher,
        keepalive: float,
        **options: Any,
    ) -> None:
        self.files, self.passwords, self.keepalive = files, passwords, keepalive
        super().__init__(*arguments, **options)

    def add_task(self, task: Channel) -> None:
        """Queue the next request of a connection.

        Files and passwords have their own threads, and leave pages theirs.
        """
        request, threads = task.requests[0], self.task_dispatcher
        if request.path.endswith(".csv") or request.is_long:
            threads = self.files
        elif has_password(request.command, request.path) and not request.error:
            request.queue_full = len(self.passwords.queue) >= MAX_QUEUED_PASSWORDS
            threads = threads if request.queue_full else self.passwords
        threads.add_task(task)

    def makes_room_for_upload(self, uploader: Uploader) -> bool:
        """Return whether another long body may be received; ends the slowest if that makes room."""
        channels = self.active_channels.values()
        uploads = {
            channel.request: channel for channel in channels if channel.request and channel.request.uploader
        }
        may_begin, slowest = room_for(uploader, uploads.keys(), time.monotonic())
        if slowest:
            uploads[slowest].give_up("body")
        return may_begin

    def maintenance(self, now: float) -> None:
        """Do nothing: waitress calls this while it collects sockets, when none may be closed."""

    def close_slow_channels(self) -> None:
        now = time.monotonic()
        for channel in list(self.active_channels.values()):
            channel.close_if_slow(now)

    def make_room(self) -> None:
        """Close connections without a running request, those first that have waited longest, if few are left.

        Otherwise waitress would accept no others at its limit, and idle connections would stop the site.
        """
        count, limit = len(self._map), self.adj.connection_limit
        if count < FULL * limit:
            return
        now = time.monotonic()
        idle = [channel for channel in self.active_channels.values() if not channel.requests]
        idle.sort(key=lambda channel: channel.waiting_since(now))
        # While most requests run, the newest connections are those whose request is about to arrive.
        for channel in idle[: min(count - int(ROOMY * limit), len(idle) // 2)]:
            channel.disconnect()

    def stop(self) -> None:
        """Stop listening. Running requests are answered, and their connections closed."""
        self.stopping = True
        # Not `close`: threads still tell the loop through its trigger that they have written.
        wasyncore.dispatcher.close(self)
