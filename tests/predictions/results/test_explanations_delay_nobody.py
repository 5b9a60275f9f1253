"""Explanations that customers ask for, with a worker for orders and an explainer as in production."""

from collections.abc import Callable

import pytest
from celery import Task
from pytest_django import Settings

from accounts.models import User
from creditscore.celery import app
from predictions import tasks
from predictions.jobs import worker
from predictions.models import Prediction
from predictions.results import explanations
from tests.support.messages import waiting_messages
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import StartWorker, wait_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def unlimited(settings: Settings) -> None:
    settings.EXPLANATIONS_PER_MINUTE = 0


@pytest.fixture
def request_many(alice: User, order: OrderFor) -> Callable[[int], None]:
    """`request_many(200)`: alice asks for so many explanations of CatBoost."""

    def request(count: int) -> None:
        give_money(alice, count * 100_00)
        for _number in range(count):
            order(alice, "catboost")
        worker.score_queued()
        assert tasks.request_explanations(Prediction.objects.of(alice))

    return request


def test_orders_and_other_customers_do_not_wait_for_two_hundred(
    alice: User,
    bob: User,
    order: OrderFor,
    request_many: Callable[[int], None],
    start_worker: StartWorker,
) -> None:
    give_money(bob, 100_00)
    start_worker(queues="orders")
    start_worker(queues="explanations")
    request_many(200)
    begun = Prediction.objects.of(alice).filter(explanation_claimed_at__isnull=False)
    wait_for(begun.exists)

    bought = order(bob)
    wait_for(lambda: not Prediction.objects.pending().exists())
    bought.refresh_from_db()
    assert bought.status == "succeeded"
    assert begun.filter(explanation_claimed_at__lt=bought.finished_at).count() < 100

    assert tasks.request_explanations([bought])
    wait_for(Prediction.objects.of(bob).filter(explanation__isnull=False).exists)
    bought.refresh_from_db()
    assert bought.explanation
    between = (bought.explanation_requested_at, bought.explanation_claimed_at)
    claims = begun.filter(explanation_claimed_at__range=between).values("explanation_claimed_at")
    assert claims.distinct().count() <= 2


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        (tasks.score_queued, "orders"),
        (tasks.monitor, "orders"),
        (tasks.housekeeping, "bulk"),
        (tasks.explain_requested, "explanations"),
    ],
)
def test_their_messages_do_not_wait_among_those_of_orders(task: Task[..., object], queue: str) -> None:
    assert app.amqp.router.route({}, task.name)["queue"].name == queue


def test_what_a_killed_explainer_leaves_is_made_by_the_next(
    request_many: Callable[[int], None], start_worker: StartWorker
) -> None:
    explainer = start_worker(queues="explanations")
    request_many(12)
    begun = Prediction.objects.to_explain().filter(explanation_claimed_at__isnull=False)
    wait_for(begun.exists)
    explainer.kill()
    while not begun.exists():
        # The kill came between two claims.
        explainer.restart()
        tasks.notify_explainer()
        wait_for(begun.exists)
        explainer.kill()
    killed = list(begun)
    assert waiting_messages("explanations") == []

    start_worker(queues="explanations")
    begun.update(explanation_claimed_at="2020-01-01T00:00:00Z")
    Prediction.objects.to_explain().update(explanation_requested_at="2020-01-01T00:00:00Z")
    assert tasks.monitor()["to_explain"] >= 1
    wait_for(lambda: not Prediction.objects.to_explain().exists())
    assert not Prediction.objects.filter(explanation={}).exists()
    for prediction in killed:
        prediction.refresh_from_db()
        assert prediction.explanation


def test_a_request_without_a_message_is_found(
    alice: User, order: OrderFor, start_worker: StartWorker
) -> None:
    """The message was lost, or its mark was set and the message was not sent."""
    give_money(alice, 10_00)
    bought = order(alice)
    worker.score_queued()
    start_worker(queues="explanations")
    assert explanations.request(bought)
    assert waiting_messages("explanations") == []
    wait_for(lambda: not Prediction.objects.to_explain().exists())
