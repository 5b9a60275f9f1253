from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connections
from django.test import Client
from django.utils import timezone

from accounts.models import User
from billing.models import Entry
from billing.money import format_money
from billing.services import wallet_of
from predictions.jobs import worker
from predictions.jobs.monitor import settle_open
from predictions.jobs.transitions import comp
from predictions.jobs.worker import score_queued
from predictions.models import Prediction
from predictions.orders.operator import refund as refund_prediction
from predictions.orders.operator import retry as retry_prediction
from predictions.orders.predictions import cancel_prediction
from tests.support.html import Page
from tests.support.messages import empty_queue, waiting_messages
from tests.support.orders import UNLOADABLE, OrderFor
from tests.support.people import give_money


@pytest.fixture
def admin(operator: User, client: Client) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture(autouse=True)
def money(alice: User) -> None:
    give_money(alice, 100_00)


def act(admin: Client, action: str, prediction: Prediction) -> None:
    data = {
        "action": action,
        "_selected_action": [str(prediction.pk)],
        "reason": "a complaint",
        "confirmed": "1",
    }
    assert admin.post("/admin/predictions/prediction/", data).status_code == 302
    prediction.refresh_from_db()


def names(page: Page) -> set[str]:
    return {each.attributes.get("name", "") for each in page.all("input")}


def test_a_retry_takes_a_stuck_one_back(admin: Client, alice: User, order: OrderFor) -> None:
    prediction = order(alice)
    worker.claim(Prediction.objects.queued(), 1)
    act(admin, "retry", prediction)
    assert (prediction.status, prediction.claim, prediction.claimed_at) == ("queued", None, None)
    assert waiting_messages("orders") == [[]]
    score_queued()
    prediction.refresh_from_db()
    assert prediction.status == "succeeded"


def test_a_retry_leaves_others_of_its_claim_alone(alice: User, operator: User, order: OrderFor) -> None:
    order(alice), order(alice)
    one, other = worker.claim(Prediction.objects.queued(), 2)
    assert retry_prediction(one, operator=operator)
    assert Prediction.objects.get(status="queued") == one
    assert Prediction.objects.get(status="running") == other


def test_a_retry_leaves_alone_what_another_worker_has_claimed_since(
    alice: User, operator: User, order: OrderFor
) -> None:
    order(alice)
    (seen,) = worker.claim(Prediction.objects.queued(), 1)
    assert retry_prediction(seen, operator=operator)
    (claimed,) = worker.claim(Prediction.objects.queued(), 1)
    assert retry_prediction(seen, operator=operator)
    assert Prediction.objects.running().get().claim == claimed.claim


def test_a_retry_does_nothing_with_a_result(alice: User, operator: User, order: OrderFor) -> None:
    order(alice)
    score_queued()
    empty_queue("orders")
    done = Prediction.objects.get()
    assert not retry_prediction(done, operator=operator)
    # Nor if it was seen as failed.
    assert not comp(done, operator)
    done.refresh_from_db()
    assert (done.status, done.comped_by) == ("succeeded", None)
    assert waiting_messages("orders") == []


@pytest.fixture
def failed(alice: User, order: OrderFor) -> Prediction:
    """Failed and refunded: all of the 100.00 is there again."""
    prediction = order(alice)
    Prediction.objects.filter(pk=prediction.pk).update(queued_at=timezone.now() - timedelta(days=1))
    settle_open()
    return Prediction.objects.get(pk=prediction.pk)


def test_a_retry_of_a_failed_one_is_free(
    admin: Client, operator: User, alice: User, failed: Prediction
) -> None:
    act(admin, "retry", failed)
    assert (failed.status, failed.comped_by) == ("queued", operator)
    assert waiting_messages("orders") == [[]]
    # Its time begins anew.
    assert settle_open()["deadline_passed"] == 0
    call_command("check_ledger")
    score_queued()
    failed.refresh_from_db()
    assert failed.status == "succeeded"
    assert wallet_of(alice).balance == 100_00
    call_command("check_ledger")


def test_a_retry_of_a_failed_one_leaves_the_others_and_has_all_its_time(
    operator: User, alice: User, failed: Prediction, order: OrderFor
) -> None:
    other = order(alice)
    Prediction.objects.filter(pk=other.pk).update(**UNLOADABLE)
    score_queued()
    assert retry_prediction(failed, operator=operator)
    assert settle_open()["deadline_passed"] == 0
    assert Prediction.objects.get(status="queued") == failed
    assert Prediction.objects.get(status="failed") == other


def test_a_retry_of_a_failed_one_begins_with_all_its_attempts(
    admin: Client, alice: User, order: OrderFor
) -> None:
    prediction = order(alice)
    worker.claim(Prediction.objects.queued(), 1)
    Prediction.objects.update(attempts=settings.MAX_ATTEMPTS, claimed_at="2020-01-01T00:00:00Z")
    assert settle_open()["attempts_exhausted"] == 1
    act(admin, "retry", prediction)
    assert (prediction.status, prediction.attempts) == ("queued", 0)
    assert (prediction.claim, prediction.claimed_at) == (None, None)
    score_queued()
    prediction.refresh_from_db()
    assert (prediction.status, prediction.attempts) == ("succeeded", 1)


@pytest.mark.parametrize(("end", "retries"), [("fails again", 3), ("is canceled", 1)])
def test_a_free_retry_is_never_refunded_again(
    admin: Client, alice: User, failed: Prediction, end: str, retries: int
) -> None:
    for _retry in range(retries):
        act(admin, "retry", failed)
        if end == "fails again":
            Prediction.objects.update(queued_at=timezone.now() - timedelta(days=1))
            settle_open()
        else:
            cancel_prediction(failed)
    failed.refresh_from_db()
    assert failed.status in {"failed", "canceled"}
    assert wallet_of(alice).balance == 100_00
    assert Entry.objects.filter(kind="refund").count() == 1
    call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
def test_parallel_refunds_give_the_money_back_once(alice: User, operator: User, order: OrderFor) -> None:
    prediction = order(alice)
    score_queued()
    prediction.refresh_from_db()

    def refund(_number: int) -> bool:
        try:
            return refund_prediction(prediction, operator=operator, reason="x")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(refund, range(8))) == 1
    assert wallet_of(alice).balance == 100_00


def test_a_refund_of_a_result_names_the_operator(
    admin: Client, operator: User, alice: User, order: OrderFor
) -> None:
    prediction = order(alice)
    score_queued()
    act(admin, "refund", prediction)
    act(admin, "refund", prediction)
    assert prediction.status == "succeeded"
    refund = Entry.objects.get(kind="refund")
    assert (refund.operator, refund.reverses) == (operator, prediction.charge)
    assert refund.note == f"Refund of prediction {prediction.pk}: a complaint"
    assert wallet_of(alice).balance == 100_00
    call_command("check_ledger")


@pytest.mark.parametrize("sent", [{}, {"reason": "x"}, {"confirmed": "1", "reason": " "}])
def test_a_refund_is_confirmed_with_a_reason(
    admin: Client, alice: User, order: OrderFor, sent: dict[str, str]
) -> None:
    prediction = order(alice)
    score_queued()
    data = {"action": "refund", "_selected_action": [str(prediction.pk)]}
    answer = admin.post("/admin/predictions/prediction/", data | sent)
    page = Page(answer)
    assert answer.status_code == 200
    who, _what, _status, amount = (cell.text for cell in page.all("td")[-4:])
    assert (who, amount) == ("alice", format_money(10_00))
    # What the page sends, with a reason, is what refunds.
    assert wallet_of(alice).balance == 90_00
    assert names(page) >= {"reason", "confirmed", "action"}


def test_what_is_refunded_already_is_not_offered_again(admin: Client, alice: User, order: OrderFor) -> None:
    prediction = order(alice)
    score_queued()
    act(admin, "refund", prediction)
    data = {"action": "refund", "_selected_action": [str(prediction.pk)]}
    page = Page(admin.post("/admin/predictions/prediction/", data))
    assert "reason" not in names(page)
    assert page.all("td")[-1].words == "Nothing to refund"


def test_a_refund_of_a_queued_one_cancels_it(operator: User, alice: User, order: OrderFor) -> None:
    prediction = order(alice)
    assert refund_prediction(prediction, operator=operator, reason="x")
    prediction.refresh_from_db()
    assert prediction.status == "canceled"
    assert wallet_of(alice).balance == 100_00
    refund = Entry.objects.get(kind="refund")
    assert (refund.operator, refund.note) == (operator, f"Refund of prediction {prediction.pk}: x")


@pytest.mark.parametrize("seen", ["queued", "running"])
def test_a_running_one_is_not_refunded(
    admin: Client, operator: User, alice: User, order: OrderFor, seen: str
) -> None:
    """Even if it was still queued when the operator looked."""
    prediction = order(alice)
    (running,) = worker.claim(Prediction.objects.queued(), 1)
    assert (
        refund_prediction({"queued": prediction, "running": running}[seen], operator=operator, reason="x")
        is False
    )
    act(admin, "refund", prediction)
    assert prediction.status == "running"
    assert wallet_of(alice).balance == 90_00
    worker.score_claimed([running])
    prediction.refresh_from_db()
    assert prediction.status == "succeeded"
    call_command("check_ledger")
