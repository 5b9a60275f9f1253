"""Workers announce results, so that a request that waits reads its row when there is something to read."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from redis import Redis

from accounts.models import User
from predictions import announcements, selectors
from predictions.announcements import Listener, listener
from predictions.jobs import transitions
from predictions.jobs.worker import score_queued
from predictions.models import Prediction
from tests.support.broker import Broker
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def prediction(alice: User, order: OrderFor) -> Prediction:
    give_money(alice, 100_00)
    return order(alice)


def test_a_result_is_announced(prediction: Prediction) -> None:
    with listener.expect(prediction.pk) as first, listener.expect(prediction.pk) as second:
        wait_for(lambda: listener.is_listening)
        assert not first.is_set()
        score_queued()
        assert first.wait(10)
        assert second.wait(10)
    assert not listener._waiting


def test_the_row_is_read_only_when_something_is_known(
    alice: User, prediction: Prediction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "LOOK_SECONDS", 60)

    def wait() -> tuple[str, int]:
        try:
            with CaptureQueriesContext(connection) as queries:
                status = selectors.wait_for_result(alice, prediction.pk, 60).status
            return status, len(queries)
        finally:
            connections.close_all()

    with listener.expect(prediction.pk):
        wait_for(lambda: listener.is_listening)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(wait)
        wait_for(lambda: bool(listener._waiting))
        score_queued()
        status, reads = waiting.result(30)
    assert status == "succeeded"
    # Not at all before, if the result came first.
    assert reads <= 2


def test_what_nobody_announces_is_found_all_the_same(alice: User, prediction: Prediction) -> None:
    with listener.expect(prediction.pk):
        wait_for(lambda: listener.is_listening)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(selectors.wait_for_result, alice, prediction.pk, 60)
        wait_for(lambda: bool(listener._waiting))
        assert transitions.cancel(prediction)
        assert waiting.result(30).status == "canceled"
        pool.submit(connections.close_all).result()


def test_a_broker_that_is_away_costs_announcements_alone(
    own_broker: Broker, prediction: Prediction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "_silent_until", float("-inf"))
    ear = Listener()
    assert ear.pause() == announcements.POLL_SECONDS
    with ear.expect(prediction.pk) as heard:
        wait_for(lambda: ear.is_listening)
        assert ear.pause() == announcements.LOOK_SECONDS
        own_broker.stop()
        wait_for(lambda: not ear.is_listening)
        assert ear.pause() == announcements.POLL_SECONDS
        score_queued()
        prediction.refresh_from_db()
        assert prediction.status == "succeeded"
        own_broker.start()
        wait_for(lambda: ear.is_listening)
        assert not heard.is_set()
        monkeypatch.setattr(announcements, "_silent_until", float("-inf"))
        announcements.announce([prediction.pk])
        assert heard.wait(10)


def test_a_broker_that_does_not_answer_is_not_asked_for_a_while(
    own_broker: Broker, prediction: Prediction, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(announcements, "_silent_until", float("-inf"))
    own_broker.stop()
    announcements.announce([prediction.pk])
    own_broker.start()
    ear = Listener()
    with ear.expect(prediction.pk) as heard:
        wait_for(lambda: ear.is_listening)
        announcements.announce([prediction.pk])
        assert not heard.wait(1)
        monkeypatch.setattr(announcements, "_silent_until", float("-inf"))
        announcements.announce([prediction.pk])
        assert heard.wait(10)


def test_what_is_no_announcement_is_not_heard(broker_url: str, prediction: Prediction) -> None:
    with Redis.from_url(broker_url) as broker, listener.expect(prediction.pk) as heard:
        wait_for(lambda: listener.is_listening)
        broker.publish(announcements.CHANNEL, b"\xff\xfe")
        announcements.announce([prediction.pk])
        assert heard.wait(10)
