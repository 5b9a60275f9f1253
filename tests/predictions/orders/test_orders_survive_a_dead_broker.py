from contextlib import AbstractContextManager, nullcontext

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from predictions.models import Prediction
from predictions.scoring.schema import Applicant
from tests.support.broker import Broker
from tests.support.people import ApiClientFor, give_money
from tests.support.processes import StartWorker, wait_for


def order(client: APIClient, applicant: Applicant, caplog: pytest.LogCaptureFixture) -> str:
    """Order a prediction, ready to wait for it, which is pointless without a broker.

    The broker is tried once, with the short timeout of the settings, and the result is not waited for: that
    would read the row again and again.
    """
    with CaptureQueriesContext(connection) as queries:
        answer = client.post(
            "/api/v1/predictions/",
            {"model": "catboost", "applicant": applicant},
            format="json",
            headers={"Prefer": "wait=5"},
        )
    assert answer.status_code == 202
    assert len([record for record in caplog.records if "does not answer" in record.getMessage()]) == 1
    reads = [query for query in queries if '"predictions_prediction"."id" = ' in query["sql"]]
    assert not [query for query in reads if query["sql"].startswith("SELECT")]
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
    caplog: pytest.LogCaptureFixture,
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
        pk = order(client, applicant, caplog)
    assert Entry.objects.filter(kind="charge").count() == 1
    assert Prediction.objects.get().status == "queued"

    if fault == "dead":
        own_broker.start()
    start_worker()
    wait_for(lambda: not Prediction.objects.pending().exists())
    assert client.get(f"/api/v1/predictions/{pk}/").json()["status"] == "succeeded"
    assert Entry.objects.filter(kind="charge").count() == 1
    call_command("check_ledger")
