from datetime import timedelta

import pytest
from celery import Task
from django.conf import settings
from django.core.cache import cache
from django.db import connection, transaction
from django.utils import timezone
from redis import Redis

from accounts.models import User
from billing.services import new_request_key
from predictions import tasks
from predictions.jobs import worker
from predictions.models import Prediction
from predictions.orders.comparisons import order_comparison
from predictions.scoring.schema import Applicant
from tests.support.messages import empty_queue, waiting_messages, waiting_tasks
from tests.support.orders import OrderFor
from tests.support.people import give_money


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("compares", [False, True])
def test_a_message_is_published_after_the_commit_and_not_before(
    alice: User, order: OrderFor, applicant: Applicant, compares: bool
) -> None:
    def buy() -> None:
        if compares:
            order_comparison(user=alice, applicant=applicant, request_key=new_request_key())
        else:
            order(alice)

    give_money(alice, 1000_00)
    with transaction.atomic():
        buy()
        assert waiting_messages("orders") == []
    assert waiting_messages("orders") == [[]]
    empty_queue("orders")
    with transaction.atomic():
        buy()
        transaction.set_rollback(True)
    assert waiting_messages("orders") == []
    assert not connection.in_atomic_block


def test_the_monitor_wakes_them_for_what_waits_and_for_what_it_requeues(alice: User, order: OrderFor) -> None:
    give_money(alice, 100_00)
    order(alice)
    now = timezone.now()
    past, future = now - settings.LEASE - timedelta(seconds=1), now + timedelta(hours=1)
    # So young that workers have just been woken for it.
    Prediction.objects.update(queued_at=future)
    tasks.monitor()
    assert waiting_messages("orders") == []
    Prediction.objects.update(queued_at=past)
    tasks.monitor()
    assert waiting_messages("orders") == [[]]
    empty_queue("orders")
    worker.claim(Prediction.objects.queued(), 1)
    Prediction.objects.update(queued_at=future, claimed_at=past)
    assert tasks.monitor()["requeued"] == 1
    assert waiting_messages("orders") == [[]]


@pytest.mark.parametrize(
    ("rounds", "size", "expected"),
    # A task whose last round was not full ends.
    [(1, 2, [(1, 1), (0, 0), (0, 0)]), (2, 1, [(1, 1), (0, 0), (0, 0)])],
)
def test_after_its_last_round_a_task_hands_over_to_the_next(
    alice: User,
    order: OrderFor,
    monkeypatch: pytest.MonkeyPatch,
    rounds: int,
    size: int,
    expected: list[tuple[int, int]],
) -> None:
    monkeypatch.setattr(worker, "MAX_ROUNDS", rounds)
    monkeypatch.setattr(worker, "BATCH_SIZE", size)
    give_money(alice, 100_00)
    for _number in range(3):
        order(alice)
    left = []
    for _task in range(3):
        empty_queue("orders")
        tasks.score_queued()
        left.append((Prediction.objects.queued().count(), len(waiting_messages("orders"))))
    assert left == expected


def test_one_message_is_on_its_way_at_a_time() -> None:
    """Whoever reads it sees everything that was stored before."""
    assert all(tasks.notify_workers() for _order in range(3))
    assert len(waiting_messages("orders")) == 1
    # Another queue has a mark of its own.
    assert tasks.notify_explainer()
    assert len(waiting_messages("explanations")) == 1


@pytest.mark.parametrize("task", [tasks.score_queued, tasks.explain_requested])
def test_what_is_stored_while_rows_are_read_has_another_message(
    task: Task[[], None], alice: User, order: OrderFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    notify = tasks.notify_workers if task is tasks.score_queued else tasks.notify_explainer
    assert notify()
    queue = "orders" if task is tasks.score_queued else "explanations"
    with Redis.from_url(settings.REDIS_URL) as client:
        client.delete(queue)  # A worker has taken the message, and begins.

    def read_nothing(*_arguments: object) -> bool:
        """An order that is stored now may be missed by this task."""
        assert notify()
        return False

    monkeypatch.setattr(worker, "score_queued", read_nothing)
    monkeypatch.setattr(tasks.explainer, "explain_requested", read_nothing)
    assert waiting_messages(queue) == []
    task()
    assert waiting_messages(queue) == [[]]


def test_a_lost_message_blocks_others_for_a_few_seconds_only() -> None:
    assert tasks.notify_workers()
    with Redis.from_url(settings.REDIS_URL) as client:
        client.delete("orders")
        assert 0 < client.ttl(cache.make_key("message:orders")) <= 5
    assert tasks.notify_workers()
    assert waiting_messages("orders") == []
    cache.delete("message:orders")
    assert tasks.notify_workers()
    assert waiting_messages("orders") == [[]]


def test_a_message_that_was_not_sent_blocks_no_other() -> None:
    with Redis.from_url(settings.REDIS_URL) as client:
        client.set("orders", "no queue")
        assert not tasks.notify_workers()
        client.delete("orders")
    assert tasks.notify_workers()
    assert waiting_messages("orders") == [[]]


def test_a_queue_that_nobody_reads_does_not_grow() -> None:
    for _message in range(3):
        assert tasks.notify_workers()
        cache.delete("message:orders")  # Its time is over.
    assert waiting_tasks("orders") == [tasks.score_queued.name]


def test_messages_of_the_clock_wake_nobody_for_an_order() -> None:
    """They have waited while there was no worker, and one that begins drops those that are too old."""
    for _message in range(12):
        tasks.monitor.apply_async(expires=10)
    assert tasks.notify_workers()
    assert waiting_tasks("orders")[-1] == tasks.score_queued.name
