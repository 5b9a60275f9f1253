import pytest
from django.db import connection, transaction

from accounts.models import User
from predictions import tasks
from predictions.jobs import worker
from predictions.models import Prediction
from tests.support.messages import empty_queue, waiting_messages
from tests.support.orders import OrderFor
from tests.support.people import give_money


@pytest.mark.django_db(transaction=True)
def test_a_message_is_published_after_the_commit_and_not_before(alice: User, order: OrderFor) -> None:
    give_money(alice, 100_00)
    with transaction.atomic():
        order(alice)
        assert waiting_messages("orders") == []
    assert waiting_messages("orders") == [[]]
    empty_queue("orders")
    with transaction.atomic():
        order(alice)
        transaction.set_rollback(True)
    assert waiting_messages("orders") == []
    assert not connection.in_atomic_block


def test_after_its_last_round_a_task_hands_over_to_the_next(
    alice: User, order: OrderFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "MAX_ROUNDS", 1)
    monkeypatch.setattr(worker, "BATCH_SIZE", 2)
    give_money(alice, 100_00)
    for _number in range(3):
        order(alice)
    left = []
    for _task in range(3):
        empty_queue("orders")
        tasks.score_queued()
        left.append((Prediction.objects.queued().count(), len(waiting_messages("orders"))))
    # The last one finds nothing and ends.
    assert left == [(1, 1), (0, 1), (0, 0)]
