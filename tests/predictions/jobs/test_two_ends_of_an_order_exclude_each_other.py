"""Somebody acts between two statements of somebody else: the order ends as if one had come after the other.

Tried before each statement at which the other one need not wait for a lock.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from itertools import count, product
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from redis import Redis

from accounts.models import User
from billing.services import wallet_of
from predictions.jobs import monitor, worker
from predictions.models import Prediction
from predictions.orders import operator as operators
from predictions.orders.predictions import NotCancelable, cancel_prediction
from tests.support.crashes import Interruption
from tests.support.lifecycle.model import Sale
from tests.support.lifecycle.world import World
from tests.support.orders import OrderFor
from tests.support.people import give_money

DEADLINE, LEASE = settings.DEADLINE.total_seconds(), settings.LEASE.total_seconds()
PRICE = 10_00
# What happens to an order, and how it must be afterwards.
CHANGES: dict[str, Callable[[Sale], Sale]] = {
    "cancel": Sale.when_canceled,
    "expire": lambda sale: sale.when_overdue(DEADLINE),
    "work": lambda sale: sale.when_worked_on(LEASE),
    "finish": lambda sale: sale.when_finished(sale.claim) if sale.claim else sale,
    "retry": Sale.when_retried,
    "refund": Sale.when_refunded,
}


def cancel(order: Prediction) -> None:
    with suppress(NotCancelable):
        cancel_prediction(order)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("state", "names"),
    [
        ("queued", ["cancel", "work"]),
        ("queued for too long", ["cancel", "work", "expire"]),
        ("running past its lease", ["finish", "work"]),
        ("running for too long", ["finish", "expire", "retry"]),
        ("failed", ["retry", "refund"]),
        ("succeeded", ["refund"]),
    ],
)
def test_each_pair_at_each_statement(
    alice: User,
    operator: User,
    order: OrderFor,
    broker_url: str,
    quick_commits: None,
    monkeypatch: pytest.MonkeyPatch,
    state: str,
    names: Sequence[str],
) -> None:
    # Each acts in a process of its own, whose threads take turns.
    monkeypatch.setattr(worker, "_one_round", nullcontext())
    with Redis.from_url(broker_url) as broker:
        world = World({}, {}, broker)
        for first, second in product(names, repeat=2):
            for at in count(1):
                # What an earlier round has left is ended.
                world.age(DEADLINE + 1)
                monitor.settle_open()
                give_money(alice, PRICE)
                pk = order(alice).pk
                held = bring_into(state, world, pk)
                row = Prediction.objects.with_links().get(pk=pk)
                acts: dict[str, Callable[[], object]] = {
                    "cancel": partial(cancel, row),
                    "expire": monitor.settle_open,
                    "work": worker.score_queued,
                    "finish": partial(worker.score_claimed, held),
                    "retry": partial(operators.retry, row, operator=operator),
                    "refund": partial(operators.refund, row, operator=operator, reason="too late"),
                }
                age = age_in(state)
                before = replace(world.sales()[pk], queued_for=age, claimed_for=age)
                balance = wallet_of(alice).balance
                interruption = Interruption(at, acts[second])
                with connection.execute_wrapper(interruption):
                    acts[first]()
                if not interruption.happened:
                    break
                after, one, other = world.sales()[pk], CHANGES[first], CHANGES[second]
                # An attempt counts even if its result comes too late.
                possible = [
                    replace(end, attempts=after.attempts) for end in (other(one(before)), one(other(before)))
                ]
                assert after in possible, (first, second, at)
                refund = PRICE * (after.refunded - before.refunded)
                assert wallet_of(alice).balance == balance + refund, (first, second, at)
            assert at > 1, "it was never interrupted"
        world.audit()


def bring_into(state: str, world: World, pk: UUID) -> list[Prediction]:
    """Bring the order into this state; return it as the worker has it that has claimed it, if any."""
    held = worker.claim(Prediction.objects.filter(pk=pk), 1) if state.startswith("running") else []
    world.age(age_in(state), pk)
    if state == "failed":
        monitor.settle_open()
    elif state == "succeeded":
        worker.score_queued()
    return held


def age_in(state: str) -> float:
    if state.endswith("past its lease"):
        return LEASE + 1
    return DEADLINE + 1 if state.endswith("too long") or state == "failed" else 0
