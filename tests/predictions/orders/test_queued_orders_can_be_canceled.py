from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction

from accounts.models import User
from billing import services as billing
from billing.models import Entry
from billing.services import wallet_of
from predictions.jobs import worker
from predictions.jobs.transitions import cancel
from predictions.jobs.worker import score_queued
from predictions.models import Prediction
from predictions.orders.predictions import cancel_prediction
from tests.support.crashes import Interruption
from tests.support.orders import UNLOADABLE, OrderFor
from tests.support.people import ApiClientFor, give_money


@pytest.fixture(autouse=True)
def money(alice: User) -> None:
    give_money(alice, 100_00)


def test_the_money_comes_back_at_once(alice: User, api: ApiClientFor, order: OrderFor) -> None:
    prediction = order(alice)
    answer = api(alice).post(f"/api/v1/predictions/{prediction.pk}/cancel/")
    assert answer.status_code == 200
    assert answer.json()["status"] == "canceled"
    assert answer.json()["charge"]["state"] == "refunded"
    assert wallet_of(alice).balance == 100_00
    refund = Entry.objects.get(kind="refund")
    assert (refund.operator, refund.note) == (None, "")
    score_queued()
    prediction.refresh_from_db()
    assert prediction.status == "canceled"
    call_command("check_ledger")


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "again"}])
def test_a_canceled_one_gives_the_same_answer_again(
    alice: User, api: ApiClientFor, order: OrderFor, headers: dict[str, str]
) -> None:
    address = f"/api/v1/predictions/{order(alice).pk}/cancel/"
    first = api(alice).post(address, headers={"Idempotency-Key": "first"})
    again = api(alice).post(address, headers=headers)
    assert (again.status_code, again.content) == (200, first.content)
    assert Entry.objects.filter(kind="refund").count() == 1
    assert wallet_of(alice).balance == 100_00


@pytest.mark.parametrize("status", ["running", "failed"])
def test_it_is_too_late_once_it_has_begun(
    alice: User, api: ApiClientFor, order: OrderFor, status: str
) -> None:
    prediction = order(alice)
    if status == "failed":
        Prediction.objects.update(**UNLOADABLE)
    claimed = worker.claim(Prediction.objects.queued(), 1)
    if status == "failed":
        worker.score_claimed(claimed)
    answer = api(alice).post(f"/api/v1/predictions/{prediction.pk}/cancel/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancelable")
    prediction.refresh_from_db()
    assert prediction.status == status
    call_command("check_ledger")


def test_it_is_too_late_after_the_result(alice: User, api: ApiClientFor, order: OrderFor) -> None:
    prediction = order(alice)
    score_queued()
    answer = api(alice).post(f"/api/v1/predictions/{prediction.pk}/cancel/")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancelable")
    assert wallet_of(alice).balance == 90_00


def test_a_fault_is_not_told_as_too_late(alice: User, order: OrderFor) -> None:
    broken = order(alice)
    with transaction.atomic():
        billing.refund(broken.charge)
    with pytest.raises(billing.AlreadyRefunded):
        cancel_prediction(broken)
    broken.refresh_from_db()
    assert broken.status == "queued"


def test_nobody_cancels_what_is_somebody_elses(
    alice: User, bob: User, api: ApiClientFor, order: OrderFor
) -> None:
    prediction = order(alice)
    assert api(bob).post(f"/api/v1/predictions/{prediction.pk}/cancel/").status_code == 404
    prediction.refresh_from_db()
    assert prediction.status == "queued"


@pytest.mark.django_db(transaction=True)
def test_one_that_a_worker_claims_meanwhile_is_not_canceled(alice: User, order: OrderFor) -> None:
    prediction = order(alice)
    claim = Interruption(2, lambda: worker.claim(Prediction.objects.queued(), 1))
    with connection.execute_wrapper(claim):
        assert not cancel(prediction)
    assert claim.happened
    prediction.refresh_from_db()
    assert prediction.status == "running"
    assert wallet_of(alice).balance == 90_00


@pytest.mark.django_db(transaction=True)
def test_parallel_cancels_refund_once(alice: User, order: OrderFor) -> None:
    prediction = order(alice)

    def try_to_cancel(_number: int) -> str:
        try:
            return cancel_prediction(prediction).status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(try_to_cancel, range(8))) == {"canceled"}
    assert Entry.objects.filter(kind="refund").count() == 1
    assert wallet_of(alice).balance == 100_00
    call_command("check_ledger")
