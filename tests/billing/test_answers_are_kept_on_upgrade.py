"""Earlier versions marked a key as in use before it had an answer. Only answers are left after `migrate`."""

import json

import pytest
from django.utils import timezone

from accounts.models import User
from billing.models import Entry, IdempotencyRecord
from tests.support.database import earlier_schema
from tests.support.people import Answer, ApiClientFor


def top_up(api: ApiClientFor, user: User, key: str) -> Answer:
    headers = {"Idempotency-Key": key}
    answer: Answer = api(user).post("/api/v1/top-ups/", {"amount": "5.00"}, format="json", headers=headers)
    return answer


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_given_again_and_a_key_without_one_is_free(alice: User, api: ApiClientFor) -> None:
    first = top_up(api, alice, "answered")
    with earlier_schema("billing", "0004_texts") as models:
        records = models.get_model("billing", "IdempotencyRecord").objects
        records.create(user_id=alice.pk, key="in use", fingerprint="x", claimed_at=timezone.now())
    # Without it, the ledger would give the same answer.
    assert json.loads(IdempotencyRecord.objects.get().body) == first.json()
    again = top_up(api, alice, "answered")
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert top_up(api, alice, "in use").status_code == 201
    assert Entry.objects.count() == 2
