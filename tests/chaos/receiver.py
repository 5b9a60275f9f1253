"""The customers' receiver of webhooks: verifies what comes, and does not always answer as it should."""

import contextlib
import random
import threading
import time
from collections.abc import Iterator
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

from tests.chaos.history import Try

PATH = "/hooks/"
# Of the messages that are new: so many get a 500, and no answer within the sender's limit.
FAILING, HANGING = 0.03, 0.005
HANG_SECONDS = 12.0
# What is older was tried before: after its third failure it would come again in ten minutes.
BEHAVED_AFTER = 30.0
DELIVERED, REFUSED, FAILED = 204, 400, 500


class Receiver:
    """A server on 127.0.0.1, from `start` to `stop`. `tries` has all that came."""

    def __init__(self, port: int, seed: str) -> None:
        self.tries: list[Try] = []
        self._port, self._chance = port, random.Random(seed)
        self._secrets: dict[str, Webhook] = {}
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        # While there is one, requests are held: it is set when one is, and they go on when the other one is.
        self._hold: tuple[threading.Event, threading.Event] | None = None

    def start(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status = receiver.answer(self.path.removeprefix(PATH), dict(self.headers), body)
                if status:
                    # Who was killed does not read it.
                    with contextlib.suppress(OSError):
                        self.send_response(status)
                        self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Nothing: the checks look at what has come."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.1,), daemon=True).start()

    def stop(self) -> None:
        self._closing.set()
        self._server.shutdown()
        self._server.server_close()

    def url(self, customer: str) -> str:
        return f"http://127.0.0.1:{self._port}{PATH}{customer}"

    def expect(self, customer: str, secret: str) -> None:
        """From now on, messages to this customer are verified by `secret`."""
        self._secrets[customer] = Webhook(secret)

    @contextlib.contextmanager
    def held(self) -> Iterator[threading.Event]:
        """Give no answers; yields an event that is set when a message waits for one."""
        waits, ended = threading.Event(), threading.Event()
        self._hold = waits, ended
        try:
            yield waits
        finally:
            self._hold = None
            ended.set()

    def delivered(self) -> set[tuple[str, str, str, str]]:
        """What each customer was told: the customer and the fact."""
        with self._lock:
            return {(one.customer, *one.fact) for one in self.tries if one.is_delivered}

    def answer(self, customer: str, headers: dict[str, str], body: bytes) -> int:
        """Note what has come, and return the status of the answer; 0 for none."""
        at, event = time.time(), headers.get("webhook-id", "")
        try:
            content = self._secrets[customer].verify(body, headers)
        except (WebhookVerificationError, ValueError, KeyError) as error:
            self._note(Try(customer, event, repr(error), "", "", at, REFUSED, is_signed=False))
            return REFUSED
        data, written = content["data"], datetime.fromisoformat(content["timestamp"]).timestamp()
        status = self._behave(event, at - written)
        self._note(Try(customer, event, content["type"], data["id"], data["status"], at, status))
        return status

    def _behave(self, event: str, age: float) -> int:
        if hold := self._hold:
            waits, ended = hold
            waits.set()
            ended.wait(HANG_SECONDS)
            return 0
        with self._lock:
            is_new, luck = event not in self._seen, self._chance.random()
            self._seen.add(event)
        if not is_new or age > BEHAVED_AFTER:
            return DELIVERED
        if luck < HANGING:
            self._closing.wait(HANG_SECONDS)
            return 0
        return FAILED if luck < HANGING + FAILING else DELIVERED

    def _note(self, one: Try) -> None:
        with self._lock:
            self.tries.append(one)
