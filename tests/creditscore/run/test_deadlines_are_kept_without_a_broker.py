"""The monitor is a job and needs the broker, but the promised refunds also happen without it."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.jobs import monitor
from predictions.models import Prediction
from tests.support.broker import Broker
from tests.support.database import database_url
from tests.support.orders import OrderFor
from tests.support.people import give_money

PATIENCE_SECONDS = 180


@pytest.fixture
def web(transactional_db: None, own_broker: Broker, tmp_path: Path) -> Iterator[str]:
    """The web role only, as in production, with a broker that is down; its address."""
    own_broker.stop()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    own = {
        "DATABASE_URL": database_url(),
        "REDIS_URL": own_broker.url,
        "PORT": str(port),
        "WEB_CONCURRENCY": "2",
        "DEADLINE_SECONDS": "3",
        "MONITOR_SECONDS": "1",
        "TMPDIR": str(tmp_path),
    }
    log = tmp_path / "web.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "creditscore.wsgi"],
            cwd=settings.BASE_DIR,
            env=os.environ | own,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(20)
    print(log.read_text())


def wait_until_it_answers(web: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with urllib.request.urlopen(f"{web}/healthz", timeout=5):
                return
        except OSError:
            assert time.monotonic() < deadline, "the web role does not start"
            time.sleep(0.1)


@pytest.mark.django_db(transaction=True)
def test_an_order_is_refunded_once_though_nobody_looks_and_no_job_runs(
    alice: User, order: OrderFor, web: str
) -> None:
    give_money(alice, 100_00)
    wait_until_it_answers(web)
    prediction = order(alice)
    assert wallet_of(alice).balance == 90_00
    deadline = time.monotonic() + PATIENCE_SECONDS
    while Prediction.objects.pending().exists():
        assert time.monotonic() < deadline, "the order is still open"
        time.sleep(0.1)
    prediction.refresh_from_db()
    assert (prediction.status, prediction.failure) == ("failed", "deadline_passed")
    assert prediction.finished_at
    assert prediction.finished_at - prediction.queued_at >= timedelta(seconds=3), "not before its time"
    assert Entry.objects.filter(kind="refund", reverses=prediction.charge).count() == 1
    assert wallet_of(alice).balance == 100_00
    call_command("check_ledger")


def test_only_what_is_overdue_is_refunded(alice: User, order: OrderFor) -> None:
    give_money(alice, 100_00)
    late, young = order(alice), order(alice)
    past = timezone.now() - settings.DEADLINE - timedelta(seconds=1)
    Prediction.objects.filter(pk=late.pk).update(queued_at=past)
    assert [monitor.settle_open()["deadline_passed"] for _pass in range(2)] == [1, 0]
    late.refresh_from_db()
    young.refresh_from_db()
    assert (late.failure, young.status) == ("deadline_passed", "queued")
    assert wallet_of(alice).balance == 90_00
