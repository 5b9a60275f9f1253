"""`/healthz` says whether orders can be taken, `/readyz` whether everything that they need works."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from redis import Redis

from accounts.models import User
from creditscore.run import checks, probe
from predictions import tasks
from predictions.models import Prediction
from tests.support.broker import Broker
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.web import WebServer

pytestmark = pytest.mark.django_db
WELL = {"status": "ready", "database": "ok", "broker": "ok", "queue": "ok", "clock": "ok"}
Set = Callable[[timedelta], object]


def ready(client: Client) -> tuple[int, dict[str, Any]]:
    answer = client.get("/readyz")
    assert "no-store" in answer["Cache-Control"]
    return answer.status_code, {name: answer.json()[name] for name in WELL}


@pytest.fixture
def monitor_ran(catalog: None) -> Set:
    """`monitor_ran(timedelta(minutes=5))`: the clock's last run was so long ago. It has just been now."""

    def ran(ago: timedelta) -> None:
        PeriodicTask.objects.filter(task=tasks.monitor.name).update(last_run_at=timezone.now() - ago)

    ran(timedelta(0))
    return ran


def fill(broker: Broker) -> None:
    """From now on, the server refuses everything that needs memory."""
    with Redis.from_url(broker.url) as server:
        server.config_set("maxmemory", 1)


def test_all_is_well(client: Client, monitor_ran: Set) -> None:
    assert ready(client) == (200, WELL)
    answer = client.get("/readyz").json()
    assert answer["oldest_pending_seconds"] == 0
    assert 0 <= answer["monitor_seconds_ago"] < 60


def test_a_broker_that_is_full(client: Client, monitor_ran: Set, own_broker: Broker) -> None:
    fill(own_broker)
    assert ready(client) == (503, WELL | {"status": "not ready", "broker": "full"})
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["broker"]) == ("degraded", "full")


def test_a_broker_that_is_down(client: Client, monitor_ran: Set, own_broker: Broker) -> None:
    own_broker.stop()
    assert ready(client) == (503, WELL | {"status": "not ready", "broker": "down"})
    assert client.get("/healthz").json()["broker"] == "down"


def test_the_key_that_is_written_goes_away(client: Client, own_broker: Broker) -> None:
    client.get("/healthz")
    with Redis.from_url(own_broker.url) as server:
        [key] = server.keys("*health*")
        assert 0 < server.ttl(key) <= checks.BROKER_KEY_SECONDS


def test_a_prediction_that_nobody_scores(
    client: Client, monitor_ran: Set, alice: User, order: OrderFor
) -> None:
    give_money(alice, 10_00)
    prediction = order(alice)
    assert ready(client) == (200, WELL)
    long_ago = timezone.now() - timedelta(seconds=checks.MAX_PENDING_SECONDS + 1)
    Prediction.objects.filter(pk=prediction.pk).update(queued_at=long_ago)
    assert ready(client) == (503, WELL | {"status": "not ready", "queue": "late"})
    assert client.get("/readyz").json()["oldest_pending_seconds"] >= 61
    # Orders are still taken.
    assert client.get("/healthz").status_code == 200


def test_a_clock_that_stands_still(client: Client, monitor_ran: Set) -> None:
    monitor_ran(3 * timedelta(seconds=10) + timedelta(seconds=55))
    assert ready(client) == (200, WELL)
    monitor_ran(3 * timedelta(seconds=10) + timedelta(seconds=65))
    assert ready(client) == (503, WELL | {"status": "not ready", "clock": "late"})
    with pytest.raises(probe.Unhealthy):
        probe.check_clock()
    PeriodicTask.objects.update(enabled=False)
    assert ready(client) == (200, WELL)
    probe.check_clock()


def test_a_clock_that_never_ran(client: Client, catalog: None) -> None:
    assert ready(client) == (503, WELL | {"status": "not ready", "clock": "late"})


@pytest.mark.django_db(transaction=True)
def test_a_database_that_is_down(tmp_path: Path) -> None:
    """Both answer, and say nothing of where the database is."""
    web = WebServer(tmp_path / "web.log", DATABASE_URL="postgres://nobody:hidden@127.0.0.1:1/nothing")
    try:
        for page in ("healthz", "readyz"):
            answer = web.send(
                f"GET /{page} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()
            )
            head, _, body = answer.partition(b"\r\n\r\n")
            assert head.startswith(b"HTTP/1.1 503 ")
            assert json.loads(body)["database"] == "down"
            assert b"hidden" not in answer
            assert b"127.0.0.1" not in answer
    finally:
        web.stop()
