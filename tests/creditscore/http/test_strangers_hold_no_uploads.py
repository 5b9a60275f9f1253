"""Long bodies are received from users alone, a few from each, and the slowest gives way."""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator

import pytest
from django.conf import settings
from django.test import Client

from accounts import tokens
from accounts.keys import services as keys
from accounts.models import User
from creditscore.http.bodies import MAX_BYTES
from creditscore.http.uploads import MAX_UPLOADS, MAX_UPLOADS_OF_ONE
from predictions.models import Batch
from tests.support.batches import table
from tests.support.scored_files import some_rows
from tests.support.uploads import UPLOADS, form, head
from tests.support.web import SLOW_CLIENT_SECONDS, WebServer, read_all, statuses

Begin = Callable[..., socket.socket]
LENGTH = 150 * MAX_BYTES
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("catalog")]


@pytest.fixture(scope="module")
def web(
    django_db_setup: None, broker_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WebServer]:
    """One process, which believes what a proxy says of addresses."""
    folder = tmp_path_factory.mktemp("web")
    server = WebServer(
        folder / "web.log", WEB_CONCURRENCY="1", NUM_PROXIES="1", FILES_DIR=str(folder / "files")
    )
    yield server
    server.kill()
    print(server.printed)


@pytest.fixture
def begin(web: WebServer) -> Iterator[Begin]:
    """`begin(credential, address)`: a client that has sent the headers of a long file and asks to go on."""
    clients: list[socket.socket] = []

    def start(user: User | None, address: str = "192.0.2.1", credential: str = "") -> socket.socket:
        client = web.connect()
        client.settimeout(120)
        clients.append(client)
        token = credential or (tokens.issue(user).access if user else "")
        more = (f"X-Forwarded-For: {address}", "Expect: 100-continue")
        client.sendall(head(UPLOADS, LENGTH, token, "text/plain", *more))
        return client

    yield start
    for client in clients:
        client.close()


def is_admitted(client: socket.socket) -> bool:
    """Whether the server asks for the body; if not, the client has read the beginning of a refusal."""
    begun = client.recv(25)
    assert begun
    return begun == b"HTTP/1.1 100 Continue\r\n\r\n"


@pytest.mark.parametrize("credential", ["", "nonsense", "cs_" + "a" * 12 + "_" + "b" * 43])
def test_a_stranger_is_refused_at_the_header(web: WebServer, credential: str) -> None:
    """No byte of the body is asked for or waited for."""
    with web.connect() as client:
        client.sendall(head(UPLOADS, LENGTH, credential, "text/plain", "Expect: 100-continue"))
        answer = read_all(client)
    assert statuses(answer) == [401], answer
    assert b"Connection: close" in answer


def test_a_stranger_who_sends_anyway_is_refused(web: WebServer) -> None:
    body, kind = form(b"x" * MAX_BYTES)
    assert statuses(web.send(head(UPLOADS, len(body), content_type=kind) + body)) == [401]


def test_a_stranger_who_sends_chunks_is_refused(web: WebServer) -> None:
    begun = head(UPLOADS, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    chunk = b"%x\r\n" % 100_000 + b"x" * 100_000 + b"\r\n"
    assert statuses(web.send(begun + chunk * 11)) == [401]


def test_whoever_is_not_logged_in_on_the_site_is_sent_to_the_log_in(web: WebServer) -> None:
    answer = web.send(head("/files/new/", LENGTH))
    assert statuses(answer) == [302]
    assert b"/account/login/" in answer


def test_users_are_received_by_each_credential(web: WebServer, alice: User, begin: Begin) -> None:
    key = keys.create(alice, name="files", scopes=["predict"]).secret
    assert is_admitted(begin(None, credential=key))
    assert is_admitted(begin(alice))
    browser = Client()
    browser.force_login(alice)
    session = browser.cookies[settings.SESSION_COOKIE_NAME].value
    with web.connect() as client:
        more = (f"Cookie: {settings.SESSION_COOKIE_NAME}={session}", "Expect: 100-continue")
        client.sendall(head("/files/new/", LENGTH, "", "text/plain", *more))
        assert is_admitted(client)


def test_a_deactivated_user_is_a_stranger(web: WebServer, alice: User, begin: Begin) -> None:
    key = keys.create(alice, name="files", scopes=["predict"]).secret
    User.objects.update(is_active=False)
    assert not is_admitted(begin(None, credential=key))


def test_strangers_take_no_places(web: WebServer, alice: User, begin: Begin) -> None:
    strangers = [begin(None, f"192.0.2.{number}") for number in range(3 * MAX_UPLOADS)]
    body, kind = form(table(some_rows(200) * 100))
    answer = web.send(head(UPLOADS, len(body), tokens.issue(alice).access, kind) + body)
    assert statuses(answer) == [201], answer[:2000]
    assert Batch.objects.get().size > MAX_BYTES
    assert not any(map(is_admitted, strangers))


def test_a_user_takes_half_of_the_places(alice: User, bob: User, begin: Begin) -> None:
    admitted = [is_admitted(begin(alice, f"192.0.2.{number}")) for number in range(MAX_UPLOADS)]
    assert admitted == [True] * MAX_UPLOADS_OF_ONE + [False] * (MAX_UPLOADS - MAX_UPLOADS_OF_ONE)
    assert is_admitted(begin(bob, "192.0.2.1"))


def test_an_address_takes_half_of_the_places(begin: Begin) -> None:
    users = [User.objects.create(username=f"user-{number}") for number in range(MAX_UPLOADS)]
    admitted = [is_admitted(begin(user, "192.0.2.1")) for user in users]
    assert admitted == [True] * MAX_UPLOADS_OF_ONE + [False] * (MAX_UPLOADS - MAX_UPLOADS_OF_ONE)
    # One customer has a whole network of IPv6.
    others = [is_admitted(begin(user, f"2001:db8::{number}")) for number, user in enumerate(users)]
    assert others.count(True) == MAX_UPLOADS_OF_ONE


def test_a_refused_user_may_try_again_later(web: WebServer, alice: User, begin: Begin) -> None:
    for _number in range(MAX_UPLOADS_OF_ONE):
        assert is_admitted(begin(alice))
    refused = read_all(begin(alice))
    assert statuses(refused) == [503]
    assert b"Retry-After" in refused
    assert web.answers()


def test_a_place_is_free_when_its_connection_ends(alice: User, begin: Begin) -> None:
    clients = [begin(alice) for _number in range(MAX_UPLOADS_OF_ONE)]
    assert all(map(is_admitted, clients))
    clients[0].close()
    # The server sees the end soon.
    for _try in range(600):
        if is_admitted(begin(alice)):
            return
    pytest.fail("it stays taken")


def test_the_slowest_gives_way(begin: Begin) -> None:
    """While all places are taken: to another one, once it was slow for a while."""
    users = [User.objects.create(username=f"user-{number}") for number in range(MAX_UPLOADS + 1)]
    clients = [begin(user, f"192.0.2.{number}") for number, user in enumerate(users[:MAX_UPLOADS])]
    assert all(map(is_admitted, clients))
    stop = threading.Event()

    def send(client: socket.socket, size: int) -> None:
        """Slowly, but fast enough to be no idle client."""
        part = b"x" * size
        while not stop.wait(SLOW_CLIENT_SECONDS / 6):
            try:
                client.sendall(part)
            except OSError:
                return

    sizes = [300_000] + [400_000] * (MAX_UPLOADS - 1)
    threads = [
        threading.Thread(target=send, args=pair, daemon=True) for pair in zip(clients, sizes, strict=True)
    ]
    for thread in threads:
        thread.start()
    try:
        # It is refused while all are young.
        for _try in range(600):
            if is_admitted(begin(users[-1], "198.51.100.1")):
                break
            stop.wait(0.2)
        else:
            pytest.fail("nobody gives way")
        assert statuses(read_all(clients[0])) == [408]
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def test_a_small_file_needs_no_place(web: WebServer, alice: User, begin: Begin) -> None:
    for _number in range(MAX_UPLOADS_OF_ONE):
        assert is_admitted(begin(alice))
    body, kind = form(table(some_rows(20)))
    connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=120)
    headers = {"Authorization": f"Bearer {tokens.issue(alice).access}", "Content-Type": kind}
    connection.request("POST", UPLOADS, body, headers)
    assert connection.getresponse().status == 201
    connection.close()
