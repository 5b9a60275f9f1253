"""The real service around a property test: its tables, its API and its broker, emptied for each example."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F, Sum
from redis import Redis
from rest_framework.test import APIClient

from accounts.models import ApiKey, User
from billing import triggers
from billing.models import Entry, IdempotencyRecord, KeyDay, Wallet, WalletProof
from predictions import tasks
from predictions.jobs import audit
from predictions.models import Comparison, Prediction
from tests.support.broker import empty_broker
from tests.support.crashes import killed_at, statement, storing_the_answer
from tests.support.lifecycle.model import Books, Sale
from tests.support.messages import empty_queue
from tests.support.people import Answer

# Instead of the number of a statement.
BEFORE_ANSWER = 0
TABLES = (IdempotencyRecord, Prediction, Comparison, KeyDay, Entry, WalletProof, Wallet)


@dataclass
class World:
    """`people` by their names, and the API keys of those who use one.

    Nothing else may use the tables and the broker at the same time.
    """

    people: Mapping[str, User]
    keys: Mapping[str, ApiKey]
    broker: Redis
    client: APIClient = field(default_factory=APIClient)
    audited: object = None

    def empty(self) -> None:
        self.audited = None
        with transaction.atomic():
            triggers.remove_triggers(connection)
            for table in TABLES:
                table._default_manager.all()._raw_delete(connection.alias)
            triggers.install_triggers(connection)
        empty_broker(self.broker)

    def post(
        self, owner: str, path: str, body: Mapping[str, object] | None, key: str, crash: int
    ) -> Answer | None:
        """Return the answer; None if the process died at statement `crash`, or before it stored its answer.

        No key is "".
        """
        api_key: Any = self.keys.get(owner)
        self.client.force_authenticate(self.people[owner], token=api_key)
        headers = {"Idempotency-Key": key} if key else {}
        with killed_at(storing_the_answer if crash == BEFORE_ANSWER else statement(crash)):
            return self.client.post(f"/api/v1/{path}", body, format="json", headers=headers)
        return None

    def stored_answer(self, owner: str, key: str) -> str:
        bodies = IdempotencyRecord.objects.filter(user=self.people[owner], key=key).values_list(
            "body", flat=True
        )
        return bodies.first() or ""

    def workers_are_notified(self) -> bool:
        """Whether a message waits that makes a worker look for orders."""
        queues = [self.broker.lrange(queue.name, 0, -1) for queue in settings.CELERY_TASK_QUEUES]
        sent = [json.loads(message)["headers"]["task"] for queue in queues for message in queue]
        return tasks.score_queued.name in sent

    def take_messages(self) -> None:
        for queue in settings.CELERY_TASK_QUEUES:
            empty_queue(queue.name)

    def age(self, seconds: float, *only: UUID) -> None:
        """Let time pass for everything that is pending, or only for some of it."""
        passed = timedelta(seconds=seconds)
        rows = Prediction.objects.pending()
        (rows.filter(pk__in=only) if only else rows).update(
            queued_at=F("queued_at") - passed, claimed_at=F("claimed_at") - passed
        )

    def sales(self) -> dict[UUID, Sale]:
        """Return all predictions as the model has them."""
        columns = ("pk", "user__username", "price", "comparison_id", "status", "charge__reversal__amount")
        rows = Prediction.objects.values_list(*columns, "comped_by_id", "attempts", "claim")
        return {
            pk: Sale(
                owner=owner,
                price=price,
                comparison=comparison,
                status=status,
                refunded=refund is not None,
                comped=comped_by is not None,
                attempts=attempts,
                claim=claim if status == "running" else None,
            )
            for pk, owner, price, comparison, status, refund, comped_by, attempts, claim in rows
        }

    def top_ups(self) -> dict[UUID, tuple[str, int]]:
        rows = Entry.objects.filter(kind="top_up").values_list(
            "public_id", "wallet__user__username", "amount"
        )
        return {pk: (owner, amount) for pk, owner, amount in rows}

    def check(self, books: Books) -> None:
        """Check that the tables agree with the model and with themselves."""
        assert self.sales() == books.sales
        assert self.top_ups() == books.top_ups
        balances = dict(Wallet.objects.values_list("user__username", "balance"))
        assert balances == {owner: books.balance(owner) for owner in balances}
        assert Entry.objects.count() == books.entries
        spent = KeyDay.objects.aggregate(sum=Sum("spent"))["sum"] or 0
        assert spent == sum(books.spent(owner) for owner in self.keys)
        # Entries are never changed, so what was right is right as long as no row is new or different.
        state = (dict(books.sales), dict(books.top_ups))
        if state != self.audited:
            self.audit()
            self.audited = state

    def audit(self) -> None:
        assert [*audit.problems()] == []
