"""Faults wait for their moment: when the bulk role works on a file, when the mailer waits for an answer."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from accounts.webhooks import signing
from predictions.batches import intake, scoring
from predictions.models import Batch
from tests.chaos import faults, stores
from tests.chaos.faults import FAULTS
from tests.chaos.processes import Process
from tests.chaos.service import BULK, MAILER, Service
from tests.support.batches import UploadFor
from tests.support.scored_files import some_rows

SECONDS = 120
SECRET = signing.secret_from("a seed")
# Sends one message after another, as a mailer does.
SEND = f"""
import sys, time, urllib.request
from datetime import UTC, datetime
from accounts.webhooks.signing import headers

at = datetime.now(UTC)
data = '{{"id": "p1", "status": "succeeded", "url": ""}}'
body = '{{"type": "prediction.succeeded", "timestamp": "%s", "data": %s}}' % (at.isoformat(), data)
while True:
    request = urllib.request.Request(sys.argv[1], body.encode(), headers("e1", at, body, ["{SECRET}"]))
    try:
        urllib.request.urlopen(request, timeout=120).close()
    except OSError:
        pass
    time.sleep(0.05)
"""
# A process with a child that lives as long as it does.
WORKER = """
import os, time
os.fork()
time.sleep(600)
"""


class Busy(Service):
    """A service of which only the bulk role is there. `claim` is when it took what it works on."""

    claim: Callable[[], float] = staticmethod(lambda: 0.0)

    def last_claim(self) -> float:
        return self.claim()


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Busy]:
    service = Busy(tmp_path, "sqlite", 1)
    process = Process(BULK, [sys.executable, "-c", WORKER], os.environ, tmp_path / "log", None)
    service.supervisor.add(process)
    until(lambda: len(process.children) == 1)
    yield service
    process.kill_group()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def state(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return "gone"


def test_it_waits_until_something_was_claimed(service: Busy) -> None:
    """What was claimed before may be left from a process that was killed."""
    looks: list[float] = []

    def claim() -> float:
        looks.append(time.time())
        return time.time() + 1 if len(looks) > 3 else looks[0] - 1

    service.claim = claim
    first = service[BULK].pid
    with FAULTS["bulk worker killed in a file"](service, 0.5) as in_the_middle:
        assert in_the_middle
        assert service[BULK].exit_code == -signal.SIGKILL
    assert len(looks) == 5
    assert service[BULK].pid != first


def test_it_goes_on_if_that_has_ended_in_between(service: Busy) -> None:
    claims = iter([time.time() + 100, 0.0, 0.0, time.time() + 100, time.time() + 100])
    service.claim = lambda: next(claims)
    with FAULTS["bulk worker frozen in a file past its lease"](service, 0.5) as in_the_middle:
        assert in_the_middle
        until(lambda: state(service[BULK].pid) == "T")
    assert next(claims, None) is None
    until(lambda: state(service[BULK].pid) == "S")


def test_its_processes_are_killed_and_it_goes_on(service: Busy) -> None:
    service.claim = lambda: time.time() + 100
    [child] = service[BULK].children
    with FAULTS["bulk processes killed in a file"](service, 0.5) as in_the_middle:
        assert in_the_middle
        until(lambda: state(child) in ("Z", "gone"))
    assert service[BULK].exit_code is None
    until(lambda: state(service[BULK].pid) == "S")


def test_it_says_so_if_there_was_no_file(service: Busy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(faults, "MOMENT_SECONDS", 0.1)
    with FAULTS["bulk worker killed in a file"](service, 0.5) as in_the_middle:
        assert in_the_middle is False


def test_the_mailer_is_killed_while_a_receiver_has_its_message(service: Busy, tmp_path: Path) -> None:
    service.receiver.start()
    service.receiver.expect("alice", SECRET)
    mailer = Process(
        MAILER,
        [sys.executable, "-c", SEND, service.receiver.url("alice")],
        os.environ,
        tmp_path / "log",
        None,
    )
    service.supervisor.add(mailer)
    first = mailer.pid
    with FAULTS["mailer killed while it sends"](service, 0.5) as in_the_middle:
        assert in_the_middle
        assert mailer.exit_code == -signal.SIGKILL
    assert mailer.pid != first
    until(lambda: [one.status for one in service.receiver.tries][:1] == [0])
    mailer.kill_group()
    service.receiver.stop()


@pytest.mark.django_db
def test_a_chunk_that_is_scored_is_seen(alice: User, paid: UploadFor) -> None:
    paid(alice)
    assert claimed() is None
    chunk = scoring.claim_chunk()
    assert chunk
    assert claimed() == chunk.claimed_at
    scoring.score_chunk(chunk)
    assert claimed() is None


@pytest.mark.django_db
def test_a_large_file_that_is_checked_is_seen(alice: User, upload: UploadFor) -> None:
    """A small one is checked by the web role."""
    large, small = upload(alice, some_rows(5_000)), upload(alice)
    Batch.objects.filter(pk=small.pk).update(
        status="validating", price=None, unit_price=None, claimed_at=None
    )
    assert large.status == "validating"
    assert intake.claim(small.pk)
    assert claimed() is None
    found = intake.claim(large.pk)
    assert found
    assert claimed() == found.claimed_at


def claimed() -> datetime | None:
    """What the faults ask a database."""
    with closing(connection.cursor()) as cursor:
        cursor.execute(stores.CLAIMED)
        [found] = cursor.fetchone()
    return stores.time_of(found)
