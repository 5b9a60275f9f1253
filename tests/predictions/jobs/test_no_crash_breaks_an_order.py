"""Customers, workers, the monitor and an operator act in any order, and a process dies at any statement.

After each step the tables must agree with a model in plain Python (`tests/support/lifecycle/`) and with the
audits; in the end every order has its result or its refund. Transactions commit, and a crash closes the
connection, so that the database itself decides what is lost: savepoints of a test's own transaction would
hide that an `atomic` is missing, and nothing would run on commit. Each run takes the same steps.
"""

from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import override_settings
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import rule, run_state_machine_as_test
from redis import Redis

from accounts.models import User
from predictions import tasks
from predictions.jobs import worker
from predictions.models import Prediction
from predictions.orders import operator as operators
from predictions.scoring.schema import Applicant
from tests.support.crashes import killed_at, statement
from tests.support.keys import KeyFor
from tests.support.lifecycle.customers import (
    BUY,
    CANCEL,
    NEVER,
    PICKS,
    REPEAT,
    REUSE,
    Customers,
    call,
    crashes,
)
from tests.support.lifecycle.model import PENDING
from tests.support.lifecycle.world import World

BOUNDED = settings(
    max_examples=7,
    stateful_step_count=45,
    database=None,
    deadline=None,
    # With `Phase.shrink` a failing example is made as short as it can be, which takes minutes.
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
LEASE, DEADLINE = configured.LEASE.total_seconds(), configured.DEADLINE.total_seconds()
SECONDS = st.sampled_from([0, LEASE + 1, LEASE + 1, DEADLINE + 1])
STEPS = st.one_of(
    call("finish", pick=PICKS, files_lost=st.booleans(), crash=crashes(16)),
    call("claim", limit=st.integers(1, 3), retried=st.booleans(), crash=crashes(6)),
    call("be_overtaken", pick=PICKS, files_lost=st.booleans()),
    call("work", crash=crashes(40)),
    call("watch", seconds=SECONDS, looks=st.booleans(), crash=crashes(24)),
    call("operate", pick=PICKS, retries=st.booleans(), crash=crashes(12)),
    *(BUY, BUY, BUY, REPEAT, REUSE, CANCEL, CANCEL),
)


class Orders(Customers):
    def __init__(self, world: World, applicant: Applicant, operator: User, empty: Path) -> None:
        super().__init__(world, applicant)
        self.operator, self.empty = operator, empty
        self.held: list[list[Prediction]] = []

    @rule(step=STEPS)
    def take(self, step: tuple[str, dict[str, Any]]) -> None:
        """One rule for all, because Hypothesis leaves most rules out of each example."""
        name, arguments = step
        getattr(self, name)(**arguments)

    def claim(self, limit: int, retried: bool, crash: int) -> None:
        self.sound = False
        queued = self.books.with_status("queued")
        if all(bool(sale.attempts) != retried for sale in queued.values()):
            retried = not retried
        free = {pk: sale for pk, sale in queued.items() if bool(sale.attempts) == retried}
        rows = Prediction.objects.queued().filter(**{"attempts__gt" if retried else "attempts": 0})
        claims: list[list[Prediction]] = []
        with killed_at(statement(crash)):
            claims.append(worker.claim(rows, limit))
        seen = self.world.sales()
        taken = {pk: free[pk].claimed(seen[pk].claim) for pk in free if seen[pk].status == "running"}
        assert len(taken) == min(limit, len(free)) or not (claims or taken)
        assert len({sale.claim for sale in taken.values()}) <= 1
        for claimed in claims:
            assert {row.pk for row in claimed} == taken.keys()
        self.held += filter(None, claims)
        self.books.take_over(seen, taken)

    def finish(self, pick: int, files_lost: bool, crash: int) -> None:
        """A worker scores what it has claimed; it may have been taken from it, or the model may be lost.

        What has attempts left stays claimed without a model.
        """
        if not self.held:
            return
        held = self.held.pop(pick % len(self.held))
        sales = {row.pk: self.books.sales[row.pk] for row in held}
        own = {row.pk: sales[row.pk] for row in held if row.claim == sales[row.pk].claim}
        after = {pk: sale.scored() for pk, sale in own.items()}
        if files_lost:
            exhausted = {pk: sale for pk, sale in own.items() if sale.attempts >= configured.MAX_ATTEMPTS}
            after = {pk: sale.refunded_as("failed") for pk, sale in exhausted.items()}
        with override_settings(ARTIFACTS_DIR=self.empty if files_lost else configured.ARTIFACTS_DIR):
            self.step(lambda: worker.score_claimed(held), crash, after)

    def work(self, crash: int) -> None:
        """A worker reads the messages, takes back what others have claimed for too long, and scores all."""
        if not self.world.workers_are_notified():
            return
        self.world.take_messages()
        settled = self.books.expired(LEASE, configured.MAX_ATTEMPTS) | self.books.with_status("queued")
        after = {
            pk: sale.claimed(None).scored() if sale.status == "queued" else sale
            for pk, sale in settled.items()
        }
        self.step(tasks.score_queued, crash, after, claims=True)

    def be_overtaken(self, pick: int, files_lost: bool) -> None:
        """A worker was so slow that what it has claimed was given to another one; it goes on nevertheless."""
        if not self.held:
            return
        number = pick % len(self.held)
        self.time_passes(LEASE + 1)
        self.monitor(NEVER)
        self.claim(len(self.held[number]), True, NEVER)
        self.finish(number, files_lost, NEVER)

    def watch(self, seconds: float, looks: bool, crash: int) -> None:
        """Time passes, and the monitor may look at what is pending; the web role does the same."""
        self.time_passes(seconds)
        if looks:
            self.monitor(crash)

    def operate(self, pick: int, retries: bool, crash: int) -> None:
        """An operator retries or refunds a prediction, whatever its state."""
        pk, sale = self.picked(pick)
        row = Prediction.objects.with_links().get(pk=pk)
        act = operators.retry if retries else partial(operators.refund, reason="it took too long")
        after = sale.when_retried() if retries else sale.when_refunded()
        done = self.step(lambda: act(row, operator=self.operator), crash, {pk: after})
        assert done in (None, sale.status in (*PENDING, "failed") if retries else after != sale)
        assert not (done and retries) or self.world.workers_are_notified()

    def time_passes(self, seconds: float) -> None:
        self.sound = False
        self.world.age(seconds)
        self.books.age(seconds)

    def monitor(self, crash: int) -> None:
        after = self.books.monitored(DEADLINE, LEASE, configured.MAX_ATTEMPTS)
        report = self.step(tasks.monitor, crash, after)
        waiting = any(sale.queued_for > LEASE for sale in self.books.with_status("queued").values())
        assert not (report and waiting) or self.world.workers_are_notified()

    def teardown(self) -> None:
        """Whatever has happened, everything ends soon if nothing more happens."""
        if not self.sound:
            return
        for _pass in range(configured.MAX_ATTEMPTS + 1):
            if not self.books.with_status(*PENDING):
                break
            self.time_passes(LEASE + 1)
            self.monitor(NEVER)
            if self.world.workers_are_notified():
                self.work(NEVER)
        self.tables_agree_with_the_model()
        assert not self.books.with_status(*PENDING)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", range(4))
def test_every_order_has_its_result_or_its_refund(
    alice: User,
    bob: User,
    operator: User,
    catalog: None,
    applicant: Applicant,
    broker_url: str,
    quick_commits: None,
    new_key: KeyFor,
    tmp_path: Path,
    number: int,
) -> None:
    """Each `number` takes its own steps; more examples of one number would vary those of its first ones."""
    with Redis.from_url(broker_url) as broker:
        world = World({"alice": alice, "bob": bob}, {"alice": new_key(alice).key}, broker)

        @seed(number)
        class Machine(Orders):
            def __init__(self) -> None:
                super().__init__(world, applicant, operator, tmp_path)

        run_state_machine_as_test(Machine, settings=BOUNDED)
