"""Events of files are written in the transaction of their fact: a price, the end."""

import json

import pytest
from django.conf import settings

from accounts.models import User
from accounts.webhooks import endpoints
from accounts.webhooks.events import TYPES
from accounts.webhooks.models import WebhookDelivery
from predictions.models import BatchChunk
from predictions.orders.batches import cancel_batch, confirm_batch
from tests.support.batches import BAD, score_all, table, uploaded
from tests.support.orders import UNLOADABLE
from tests.support.people import give_money
from tests.support.scored_files import some_rows


@pytest.fixture
def listening(alice: User, catalog: None) -> User:
    give_money(alice, 10_000_00)
    endpoints.create(alice, url="https://1.1.1.1/hooks", types=TYPES)
    return alice


def told() -> list[tuple[str, str]]:
    bodies = [json.loads(one.body) for one in WebhookDelivery.objects.order_by("created_at")]
    return [(body["type"], body["data"]["status"]) for body in bodies]


def test_a_price_and_the_results(listening: User) -> None:
    batch = uploaded(listening, table([*some_rows(3), BAD]))
    assert told() == [("batch.quoted", "quoted")]
    confirm_batch(batch)
    score_all()
    assert told() == [("batch.quoted", "quoted"), ("batch.completed", "completed")]
    data = json.loads(WebhookDelivery.objects.filter(type="batch.completed").get().body)["data"]
    assert data == {
        "id": str(batch.pk),
        "status": "completed",
        "url": f"{settings.SITE_URL}/api/v1/batches/{batch.pk}/",
    }


def test_a_file_without_a_row_to_score(listening: User) -> None:
    uploaded(listening, table([BAD]))
    assert told() == [("batch.completed", "failed")]


def test_a_file_of_which_no_row_was_scored(listening: User) -> None:
    batch = confirm_batch(uploaded(listening, table(some_rows(3))))
    type(batch).objects.filter(pk=batch.pk).update(artifact_sha256=UNLOADABLE["artifact_sha256"])
    BatchChunk.objects.filter(batch=batch).update(attempts=settings.MAX_ATTEMPTS - 1)
    score_all()
    assert told()[1:] == [("batch.completed", "failed")]


def test_a_customer_who_cancels_knows_it(listening: User) -> None:
    cancel_batch(confirm_batch(uploaded(listening, table(some_rows(3)))))
    assert told() == [("batch.quoted", "quoted")]
