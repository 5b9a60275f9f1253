"""Receivers of webhooks: real HTTP servers that remember what came and answer as they are told."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from standardwebhooks import Webhook

from accounts.models import User
from accounts.webhooks import endpoints
from accounts.webhooks.events import TYPES
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.sender import Sender

# With its key.
CERTIFICATE = Path(__file__).with_name("localhost.pem")


@dataclass(frozen=True)
class Received:
    path: str
    headers: dict[str, str]
    body: str

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str) -> dict[str, Any]:
        """Return the content. Raises `WebhookVerificationError`."""
        content: dict[str, Any] = Webhook(secret).verify(self.body, self.headers)
        return content


@dataclass
class Receiver:
    """`statuses` are those of the next answers; afterwards each is 204. While `hold` is clear, it waits."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event = field(default_factory=threading.Event)
    # How many it has been answering at the same time, at most.
    most: int = 0
    now: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, request: Received) -> int:
        with self.lock:
            self.received.append(request)
            self.now += 1
            self.most = max(self.most, self.now)
        self.hold.wait(300)
        with self.lock:
            self.now -= 1
            return self.statuses.pop(0) if self.statuses else 204

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Answer nothing for a while."""
        self.hold.clear()
        try:
            yield
        finally:
            self.hold.set()


NewReceiver: TypeAlias = Callable[[], Receiver]
NewEndpoint: TypeAlias = Callable[..., tuple[WebhookEndpoint, str]]


@pytest.fixture
def new_receiver() -> Iterator[NewReceiver]:
    servers: list[ThreadingHTTPServer] = []
    receivers: list[Receiver] = []

    def start() -> Receiver:
        receiver = Receiver()
        receiver.hold.set()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                headers = {name.lower(): value for name, value in self.headers.items()}
                self.send_response(receiver.answer(Received(self.path, headers, body)))
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                """Nothing: the tests look at what was received."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks?of=alice"
        servers.append(server)
        receivers.append(receiver)
        return receiver

    yield start
    for receiver, server in zip(receivers, servers, strict=True):
        receiver.hold.set()
        with closing(server.socket):
            server.shutdown()


@pytest.fixture
def receiver(new_receiver: NewReceiver) -> Receiver:
    return new_receiver()


@pytest.fixture
def own_network(settings: Any) -> None:
    """Receivers of this machine may be called."""
    settings.WEBHOOK_ALLOW_PRIVATE = True


@pytest.fixture
def endpoint(alice: User, receiver: Receiver, own_network: None) -> tuple[WebhookEndpoint, str]:
    """Alice's, at `receiver`, for all events; with its secret."""
    return endpoints.create(alice, url=receiver.url, types=TYPES)


@pytest.fixture
def sender() -> Iterator[Sender]:
    sender = Sender()
    yield sender
    sender.stop()


def only_delivery() -> WebhookDelivery:
    return WebhookDelivery.objects.get()


def make_due() -> None:
    """Let the pauses between tries, and leases, be over."""
    WebhookDelivery.objects.pending().update(due_at="2020-01-01T00:00Z")
