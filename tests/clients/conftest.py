from collections.abc import Callable, Iterator

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from creditscore_client import Client, Login, records
from predictions.scoring.schema import EXAMPLE
from tests.support.faulty_proxy import FaultyProxy
from tests.support.people import PASSWORD, give_money

Connect = Callable[..., Client]


@pytest.fixture
def loan() -> records.Applicant:
    """An application as a program sends it."""
    return dict(EXAMPLE)  # type: ignore[return-value]


@pytest.fixture
def connect(live_server: LiveServer, alice: User, catalog: None) -> Connect:
    """`connect(root, **options)`: a client of alice, who has money, by default right at the service."""
    give_money(alice, 1_000_00)

    def client(root: str = "", **options: object) -> Client:
        credentials = options.pop("credentials", None) or Login(alice.username, PASSWORD)
        return Client(root or live_server.url, credentials, **options)  # type: ignore[arg-type]

    return client


@pytest.fixture
def client_of_alice(connect: Connect) -> Client:
    return connect()


@pytest.fixture
def proxy(live_server: LiveServer) -> Iterator[FaultyProxy]:
    proxy = FaultyProxy(live_server.url)
    yield proxy
    proxy.stop()
