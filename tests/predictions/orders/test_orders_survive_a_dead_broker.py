import time
from contextlib import AbstractContextManager, nullcontext

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from predictions.models import Prediction
from predictions.scoring.schema import Applicant
from predictions.tasks import monitor
from tests.support.broker import Broker
from tests.support.people import ApiClientFor, give_money
from tests.support.processes import StartWorker

ORDER_SECONDS = 1.0


def order(client: APIClient, applicant: Applicant) -> str:
    """Order a prediction, ready to wait for it; answers must not take longer for want of a broker."""
    began = time.monotonic()
    answer = client.post(
        "/api/v1/predictions/",
        {"model": "catboost", "applicant": applicant},
        format="json",
        headers={"Prefer": "wait=5"},
    )
    assert time.monotonic() - began < ORDER_SECONDS
    assert answer.status_code == 202
    return str(answer.json()["id"])


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", ["dead", "frozen"])
def test_it_is_answered_charged_once_and_scored_afterwards(
    alice: User,
    api: ApiClientFor,
    applicant: Applicant,
    catalog: None,
    own_broker: Broker,
    start_worker: StartWorker,
    fault: str,
) -> None:
    give_money(alice, 100_00)
    client = api(alice)
    down: AbstractContextManager[None] = nullcontext()
    if fault == "dead":
        own_broker.stop()
    else:
        down = own_broker.frozen()
    with down:
        pk = order(client, applicant)
    assert Entry.objects.filter(kind="charge").count() == 1
    assert Prediction.objects.get().status == "queued"

    if fault == "dead":
        own_broker.start()
    start_worker()
    # In production beat does this: the monitor finds the row that was never published.
    time.sleep(1.1)
    assert monitor.delay().get(timeout=20)["queued"] == 1
    deadline = time.monotonic() + 20
    while Prediction.objects.pending().exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert client.get(f"/api/v1/predictions/{pk}/").json()["status"] == "succeeded"
    assert Entry.objects.filter(kind="charge").count() == 1
    call_command("check_ledger")
