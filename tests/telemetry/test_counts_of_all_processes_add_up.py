"""`/metrics` adds up what every web and worker process has counted, and no sum falls when one dies."""

import http.client
import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts import tokens
from accounts.models import User
from predictions.models import Prediction
from predictions.scoring.schema import Applicant
from tests.support.metrics import TOKEN, Scraped, ask, scrape
from tests.support.people import give_money
from tests.support.processes import StartWorker, free_port
from tests.support.web import WebServer

pytestmark = pytest.mark.django_db(transaction=True)
ORDERS = 30
MODEL = "logistic-regression"
REQUESTS = "creditscore_http_requests_total"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of roles that share a folder for their counts."""
    return {"METRICS_TOKEN": TOKEN, "METRICS_DIR": str(tmp_path_factory.mktemp("metrics"))}


@pytest.fixture(scope="module")
def web(
    django_db_setup: None, broker_url: str, tmp_path_factory: pytest.TempPathFactory, shared: dict[str, str]
) -> Iterator[WebServer]:
    server = WebServer(tmp_path_factory.mktemp("web") / "web.log", WEB_CONCURRENCY="2", **shared)
    yield server
    server.stop()
    print(server.printed)


@pytest.fixture
def buy(web: WebServer, alice: User, catalog: None, applicant: Applicant) -> Callable[[], None]:
    """`buy()`: `ORDERS` orders, each over its own connection, so that both web processes get some."""
    give_money(alice, 2 * ORDERS * 10_00)
    headers = {
        "Authorization": f"Bearer {tokens.issue(alice).access}",
        "Content-Type": "application/json",
    }
    body = json.dumps({"model": MODEL, "applicant": applicant})

    def orders() -> None:
        for _number in range(ORDERS):
            connection = http.client.HTTPConnection("127.0.0.1", web.port, timeout=20)
            connection.request("POST", "/api/v1/predictions/", body, headers)
            assert connection.getresponse().status == 202
            connection.close()
        deadline = time.monotonic() + 180
        while Prediction.objects.pending().exists():
            assert time.monotonic() < deadline, "nobody scores"
            time.sleep(0.05)

    return orders


def assert_orders(counted: Scraped, count: int) -> None:
    assert counted.total("creditscore_orders_total", model=MODEL, channel="api") == count
    assert counted.total("creditscore_ledger_minor_units_total", kind="charge") == count * 10_00
    route = {"route": "api:predictions", "method": "POST"}
    assert counted.total(REQUESTS, **route, status="202") == count
    assert counted.total("creditscore_http_request_seconds_count", **route) == count


def wait_for_ends(port: int, count: int) -> Scraped:
    """A worker counts just after the row has ended."""
    deadline = time.monotonic() + 120
    while (counted := scrape(port)).total("creditscore_predictions_ended_total") < count:
        assert time.monotonic() < deadline, counted.text
        time.sleep(0.05)
    return counted


def files(shared: dict[str, str]) -> list[str]:
    return sorted(path.name for path in Path(shared["METRICS_DIR"]).glob("*.db"))


def children_of(web: WebServer) -> list[int]:
    process = web.process.pid
    return [int(pid) for pid in Path(f"/proc/{process}/task/{process}/children").read_text().split()]


def test_two_web_processes_and_two_workers(
    web: WebServer, buy: Callable[[], None], start_worker: StartWorker, shared: dict[str, str]
) -> None:
    workers = [start_worker(1, **shared), start_worker(1, **shared)]
    buy()
    counted = wait_for_ends(web.port, ORDERS)
    assert_orders(counted, ORDERS)
    ends = {"model": MODEL, "status": "succeeded", "failure": ""}
    assert counted.total("creditscore_predictions_ended_total", **ends) == ORDERS
    assert counted.total("creditscore_approval_probability_count", model=MODEL) == ORDERS
    assert counted.total("creditscore_pending_predictions") == 0
    present = files(shared)
    # Both web processes and at least one child of a worker have counted.
    assert len([name for name in present if name.startswith("counter")]) >= 3

    # A process of each kind dies at once; those that come after it count on.
    for worker in workers:
        os.kill(worker.children[0], signal.SIGKILL)
    os.kill(children_of(web)[0], signal.SIGKILL)
    deadline = time.monotonic() + 120
    while len(children_of(web)) < 2 or not web.answers():
        assert time.monotonic() < deadline
    assert_orders(scrape(web.port), ORDERS)
    buy()
    assert_orders(wait_for_ends(web.port, 2 * ORDERS), 2 * ORDERS)
    assert len(files(shared)) <= len(present) + 2, "successors take the files of those who died"


def test_a_worker_alone_shows_its_own(
    web: WebServer, buy: Callable[[], None], start_worker: StartWorker, tmp_path: Path
) -> None:
    """As in a container of its own, with a port and a folder."""
    port, others = free_port(), scrape(web.port).total("creditscore_predictions_ended_total")
    own = {"METRICS_TOKEN": TOKEN, "METRICS_DIR": str(tmp_path / "own"), "METRICS_PORT": str(port)}
    start_worker(2, **own)
    buy()
    counted = wait_for_ends(port, ORDERS)
    assert counted.total("creditscore_approval_probability_count") == ORDERS
    assert counted.total("creditscore_orders_total") == 0
    assert scrape(web.port).total("creditscore_predictions_ended_total") == others
    for authorization, path, status in [
        ("", "/metrics", 401),
        (f"Bearer {TOKEN}x", "/metrics", 401),
        (f"Basic {TOKEN}", "/metrics", 401),
        (f"Bearer {TOKEN}", "/", 404),
    ]:
        answered, headers, body = ask(port, authorization, path)
        assert (answered, body) == (status, "")
        assert ("www-authenticate" in headers) is (status == 401)


def test_the_page_is_for_those_who_have_the_token(web: WebServer) -> None:
    for authorization in ("", "Bearer", "Bearer ", f"Bearer {TOKEN[:-1]}", f"Basic {TOKEN}", "Bearer ключ"):
        status, headers, body = ask(web.port, authorization.encode().decode("latin-1"))
        assert (status, body) == (401, "")
        assert headers["www-authenticate"].startswith("Bearer")
    status, headers, body = ask(web.port, f"bearer {TOKEN}")
    assert status == 200
    assert headers["content-type"].startswith("text/plain; version=0.0.4")
    assert "no-store" in headers["cache-control"]
    states = {"creditscore_ready", "creditscore_broker_full", "creditscore_oldest_pending_seconds"}
    assert states <= Scraped(body).names


def test_addresses_that_nobody_has_are_one_route(web: WebServer) -> None:
    unknown = {"route": "unknown", "method": "GET", "status": "404"}
    before = scrape(web.port).total(REQUESTS, **unknown)
    for number in range(5):
        ask(web.port, path=f"/no-such-page-{number}")
    web.send(b"BREW / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    counted = scrape(web.port)
    assert counted.total(REQUESTS, **unknown) - before == 5
    assert counted.total(REQUESTS, method="other") == 1
    assert "no-such-page" not in counted.text
    assert "BREW" not in counted.text


def test_without_a_token_there_is_nothing(client: Client) -> None:
    assert not settings.METRICS_TOKEN
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404


def test_without_a_database_the_rest_is_shown(tmp_path: Path) -> None:
    environment = {"METRICS_TOKEN": TOKEN, "METRICS_DIR": str(tmp_path / "metrics")}
    web = WebServer(
        tmp_path / "web.log",
        WEB_CONCURRENCY="1",
        DATABASE_URL="postgres://x:y@127.0.0.1:1/none",
        **environment,
    )
    try:
        counted = scrape(web.port)
        assert counted.total("creditscore_ready", part="database") == 0
        assert counted.total("creditscore_ready", part="broker") == 1
        assert counted.total(REQUESTS) > 0
        assert "creditscore_pending_predictions" not in counted.names
    finally:
        web.stop()
