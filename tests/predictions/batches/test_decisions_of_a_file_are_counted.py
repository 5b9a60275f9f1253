"""A file that has ended says how many rows its policy approves, leaves to review and declines."""

from collections import Counter

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.batches import scoring
from predictions.models import Batch, BatchChunk, DecisionPolicy
from predictions.orders.batches import cancel_batch
from predictions.results.decisions import remove_policy, save_policy
from tests.support.batches import BAD, UploadFor, now, rows_of, score_all
from tests.support.html import Page
from tests.support.people import ApiClientFor
from tests.support.scored_files import some_rows

pytestmark = pytest.mark.usefixtures("catalog", "own_files", "small_chunks")


@pytest.fixture
def policy(alice: User) -> DecisionPolicy:
    return save_policy(alice, approve_from=0.9, decline_below=0.6)


def counted(batch: Batch) -> dict[str, int]:
    found = Counter(row["decision"] for row in rows_of(now(batch)) if row["decision"])
    return {decision: found[decision] for decision in ("approve", "review", "decline")}


def test_the_counts_are_those_of_the_rows(
    client: Client, api: ApiClientFor, alice: User, policy: DecisionPolicy, paid: UploadFor
) -> None:
    batch = paid(alice, [*some_rows(40), BAD])
    address = f"/api/v1/batches/{batch.pk}/"
    assert api(alice).get(address).json()["decisions"] is None
    remove_policy(alice)
    score_all()
    wanted = counted(batch)
    assert sum(wanted.values()) == now(batch).done_rows == 40
    assert all(wanted.values())
    assert api(alice).get(address).json()["decisions"] == wanted
    client.force_login(alice)
    answer = client.get(reverse("predictions:batch", args=[batch.pk]))
    assert answer.context["decisions"] == list(
        zip(("Approve", "Review", "Decline"), wanted.values(), strict=True)
    )
    text = Page(answer).by_id("main").words
    assert all(f"{label}{count}" in text for label, count in answer.context["decisions"])
    assert "At payment: approve from 90%, decline below 60%." in text


def test_a_canceled_file_counts_what_it_has(alice: User, policy: DecisionPolicy, paid: UploadFor) -> None:
    batch = paid(alice, some_rows(30))
    scoring.step()
    batch = cancel_batch(batch)
    assert now(batch).decisions == counted(batch)
    assert 0 < sum(counted(batch).values()) < 30


def test_without_a_policy_nothing_is_counted(client: Client, alice: User, paid: UploadFor) -> None:
    batch = paid(alice, some_rows(3))
    save_policy(alice, approve_from=0.9, decline_below=0.6)
    score_all()
    assert now(batch).decisions is None
    client.force_login(alice)
    page = client.get(reverse("predictions:batch", args=[batch.pk])).content.decode()
    assert "At payment" not in page


def test_a_file_with_a_part_from_before_says_nothing(
    alice: User, policy: DecisionPolicy, paid: UploadFor
) -> None:
    batch = paid(alice, some_rows(30))
    scoring.step()
    (part,) = BatchChunk.objects.filter(batch=batch, summary__isnull=False)
    part.summary = {name: value for name, value in (part.summary or {}).items() if name != "decisions"}
    part.save(update_fields=["summary"])
    score_all()
    assert now(batch).decisions is None
    assert now(batch).done_rows == 30


def test_counting_agrees_with_deciding_at_the_thresholds() -> None:
    policy = DecisionPolicy(approve_from=0.8, decline_below=0.6)
    values = [0.0, 0.5999994, 0.5999996, 0.6, 0.7, 0.7999994, 0.7999996, 0.8, 1.0]
    found = Counter(policy.decide(value) for value in values)
    assert policy.count(np.array(values)) == found
    same = DecisionPolicy(approve_from=0.5, decline_below=0.5)
    assert same.count(np.array([0.4, 0.5, 0.6])) == {"approve": 2, "review": 0, "decline": 1}
