"""The receiver of webhooks: it verifies each message, and answers it, or not, as a seed decides."""

import http.client
import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from accounts.webhooks import signing
from tests.chaos import receiver as receivers
from tests.chaos.receiver import Receiver
from tests.support.processes import free_port

SECRET, OTHER = signing.secret_from("one seed"), signing.secret_from("another seed")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver(free_port(), "receiver 1")
    receiver.start()
    receiver.expect("alice", SECRET)
    yield receiver
    receiver.stop()


def send(receiver: Receiver, event: str, secret: str = SECRET, age: float = 0) -> int:
    """Send a message of an event that happened `age` seconds ago; return the status, 0 without an answer."""
    now = datetime.now(UTC)
    written = (now - timedelta(seconds=age)).isoformat()
    data = {"id": "p1", "status": "succeeded", "url": ""}
    body = json.dumps({"type": "prediction.succeeded", "timestamp": written, "data": data})
    address = receiver.url("alice").removeprefix("http://")
    connection = http.client.HTTPConnection(address.partition("/")[0], timeout=120)
    try:
        connection.request("POST", "/hooks/alice", body, signing.headers(event, now, body, [secret]))
        return connection.getresponse().status
    except http.client.RemoteDisconnected:
        return 0
    finally:
        connection.close()


def test_a_message_is_noted_with_its_fact(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "FAILING", 0)
    monkeypatch.setattr(receivers, "HANGING", 0)
    assert send(receiver, "e1") == 204
    [one] = receiver.tries
    assert (one.customer, one.event, one.status, one.is_signed) == ("alice", "e1", 204, True)
    assert receiver.delivered() == {("alice", "prediction.succeeded", "p1", "succeeded")}


def test_another_secret_is_noticed(receiver: Receiver) -> None:
    assert send(receiver, "e1", OTHER) == 400
    assert [one.is_signed for one in receiver.tries] == [False]
    assert receiver.delivered() == set()


def test_a_new_message_may_fail_and_the_next_try_is_taken(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receivers, "FAILING", 1)
    monkeypatch.setattr(receivers, "HANGING", 0)
    assert send(receiver, "e1") == 500
    assert receiver.delivered() == set()
    assert send(receiver, "e1") == 204
    assert [(one.event, one.is_delivered) for one in receiver.tries] == [("e1", False), ("e1", True)]


def test_an_old_message_is_always_taken(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "FAILING", 1)
    assert send(receiver, "e1", age=receivers.BEHAVED_AFTER + 1) == 204


def test_some_get_no_answer(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "HANGING", 1)
    monkeypatch.setattr(receivers, "HANG_SECONDS", 0.1)
    assert send(receiver, "e1") == 0
    assert [one.status for one in receiver.tries] == [0]


def test_what_is_held_has_no_answer(receiver: Receiver) -> None:
    """So a fault can kill who sends while it waits for the answer."""
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(send(receiver, "e1")))
    with receiver.held() as waits:
        assert not waits.is_set()
        thread.start()
        assert waits.wait(120)
        assert statuses == []
    thread.join()
    assert statuses == [0]
    assert send(receiver, "e1", age=receivers.BEHAVED_AFTER + 1) == 204
