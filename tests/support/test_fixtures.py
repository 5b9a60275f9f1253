"""The fixtures of the other tests: real processes, guards, and a broker that can be stopped."""

import time

import pytest
from django.core.cache import cache
from django.db import DatabaseError, connection

from accounts.models import User
from billing import triggers
from billing.models import Entry
from predictions import tasks
from predictions.models import ScoringModel
from tests.support.broker import Broker
from tests.support.messages import waiting_messages
from tests.support.people import ApiClientFor, give_money
from tests.support.processes import StartWorker, Worker


@pytest.mark.django_db(transaction=True)
def test_commits_are_cleaned_up(alice: User, catalog: None) -> None:
    give_money(alice, 10_00)
    assert ScoringModel.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("change", ["UPDATE billing_entry SET amount = 1", "DELETE FROM billing_entry"])
def test_the_ledger_is_guarded_in_tests_that_commit(alice: User, change: str) -> None:
    assert not Entry.objects.exists()
    give_money(alice, 10_00)
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="immutable"):
        cursor.execute(change)


def test_the_ledger_is_guarded_in_tests_that_roll_back(db: None) -> None:
    assert triggers.missing_triggers(connection) == []


def test_api_clients_are_logged_in(api: ApiClientFor, alice: User) -> None:
    assert api(alice).get("/api/v1/me/").json()["username"] == "alice"


def test_a_worker_acts_on_a_notification_and_ends_when_killed(worker: Worker) -> None:
    assert len(worker.children) == 1
    assert tasks.notify_workers()
    deadline = time.monotonic() + 120
    while waiting_messages("orders"):
        assert time.monotonic() < deadline, worker.log.read_text()
        time.sleep(0.05)
    worker.kill()
    assert not worker.alive


def test_a_broker_of_ones_own_can_be_stopped(own_broker: Broker, start_worker: StartWorker) -> None:
    start_worker()
    cache.set("key", 1)
    own_broker.stop()
    assert not tasks.notify_workers()
    own_broker.start()
    assert tasks.notify_workers()
    assert cache.get("key") is None


def test_a_frozen_broker_holds_nobody_up(own_broker: Broker) -> None:
    began = time.monotonic()
    with own_broker.frozen():
        assert not tasks.notify_workers()
    assert time.monotonic() - began < 2
    assert tasks.notify_workers()
