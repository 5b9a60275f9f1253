"""Earlier versions marked a key as in use before it had an answer. Only answers are left after `migrate`."""

from collections.abc import Sequence

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import User
from billing.models import Entry
from tests.support.people import Answer, ApiClientFor


def migrate_to(targets: Sequence[tuple[str, str]]) -> None:
    MigrationExecutor(connection).migrate(list(targets))


def top_up(api: ApiClientFor, user: User, key: str) -> Answer:
    headers = {"Idempotency-Key": key}
    answer: Answer = api(user).post("/api/v1/top-ups/", {"amount": "5.00"}, format="json", headers=headers)
    return answer


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_given_again_and_a_key_without_one_is_free(alice: User, api: ApiClientFor) -> None:
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes("billing")
    first = top_up(api, alice, "answered")
    earlier = [("billing", "0004_texts")]
    migrate_to(earlier)
    try:
        old = (
            MigrationExecutor(connection)
            .loader.project_state(earlier)
            .apps.get_model("billing", "IdempotencyRecord")
        )
        old.objects.create(user_id=alice.pk, key="in use", fingerprint="x", claimed_at=timezone.now())
    finally:
        migrate_to(latest)
    again = top_up(api, alice, "answered")
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert top_up(api, alice, "in use").status_code == 201
    assert Entry.objects.count() == 2
