from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from billing.services import InsufficientFunds, RequestKeyReused, wallet_of
from predictions.catalog import ModelUnavailable
from predictions.jobs.transitions import comp
from predictions.jobs.worker import score_queued
from predictions.models import Comparison, Prediction, ScoringModel
from predictions.orders.comparisons import cancel_comparison, order_comparison, quote
from predictions.orders.predictions import NotCancelable, PriceChanged
from predictions.scoring.schema import Applicant
from tests.support.crashes import killed_at, statement
from tests.support.messages import empty_queue, waiting_messages
from tests.support.orders import UNLOADABLE
from tests.support.people import ApiClientFor, give_money

PRICE = 128_00  # 10 + 50 + 100, less 20 %


def order(user: User, applicant: Applicant, key: str = "key") -> Comparison:
    return order_comparison(user=user, applicant=applicant, request_key=key)


def test_it_scores_all_models_for_one_discounted_price(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, 1000_00)
    answer = api(alice).post("/api/v1/comparisons/", {"applicant": applicant}, format="json")
    assert answer.status_code == 202
    assert (answer.json()["price"], answer.json()["discount_percent"]) == ("128.00", 20)
    assert wallet_of(alice).balance == 1000_00 - PRICE
    assert answer.json()["status"] == "running"
    score_queued()
    done = api(alice).get(answer["Location"]).json()
    assert done["status"] == "completed"
    assert [part["model"] for part in done["predictions"]] == [
        "logistic-regression",
        "random-forest",
        "catboost",
    ]
    assert all(0 < part["approval_probability"] < 1 for part in done["predictions"])
    call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
def test_another_key_is_another_order_and_each_wakes_a_worker(
    alice: User, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, 1000_00)
    first = order(alice, applicant, "a")
    assert waiting_messages("orders") == [[]]
    empty_queue("orders")
    second = order(alice, applicant, "b")
    assert first != second
    assert (first.label, wallet_of(alice).balance) == ("", 1000_00 - 2 * PRICE)
    assert waiting_messages("orders") == [[]]


def test_it_is_all_or_nothing(alice: User, api: ApiClientFor, applicant: Applicant, catalog: None) -> None:
    give_money(alice, PRICE - 1)
    answer = api(alice).post("/api/v1/comparisons/", {"applicant": applicant}, format="json")
    assert answer.status_code == 402
    assert (answer.json()["balance"], answer.json()["required"]) == ("127.99", "128.00")
    assert not Comparison.objects.exists()
    assert not Entry.objects.filter(kind="charge").exists()


def test_a_part_that_fails_is_refunded_alone(alice: User, applicant: Applicant, catalog: None) -> None:
    give_money(alice, PRICE)
    comparison = order(alice, applicant)
    Prediction.objects.filter(model__slug="catboost").update(applicant={})
    score_queued()
    states = {part.model.slug: part.status for part in comparison.predictions.select_related("model")}
    assert states == {"logistic-regression": "succeeded", "random-forest": "succeeded", "catboost": "failed"}
    assert wallet_of(alice).balance == 80_00
    call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
def test_the_same_key_in_parallel_charges_once(alice: User, applicant: Applicant, catalog: None) -> None:
    give_money(alice, 1000_00)

    def try_order(_number: int) -> str:
        try:
            return str(order(alice, applicant).pk)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(try_order, range(8)))) == 1
    assert wallet_of(alice).balance == 1000_00 - PRICE
    with pytest.raises(RequestKeyReused):
        order(alice, applicant | {"person_age": 40})


def test_a_key_works_again_after_a_refusal(alice: User, applicant: Applicant, catalog: None) -> None:
    with pytest.raises(InsufficientFunds):
        order(alice, applicant)
    give_money(alice, PRICE)
    assert order(alice, applicant).predictions.count() == 3


def test_what_cannot_be_bought_is_left_out(
    alice: User, applicant: Applicant, catalog: None, settings: Settings, tmp_path: Path
) -> None:
    give_money(alice, 1000_00)
    ScoringModel.objects.filter(slug="catboost").update(active=False)
    assert quote().price == 48_00
    settings.ARTIFACTS_DIR = tmp_path
    with pytest.raises(ModelUnavailable):
        order(alice, applicant)
    assert wallet_of(alice).balance == 1000_00


@pytest.mark.parametrize("agreed", [PRICE - 1, PRICE + 1])
def test_a_price_that_has_changed_is_not_taken(
    alice: User, applicant: Applicant, catalog: None, agreed: int
) -> None:
    give_money(alice, 1000_00)
    with pytest.raises(PriceChanged) as refusal:
        order_comparison(user=alice, applicant=applicant, request_key="key", agreed_price=agreed)
    assert refusal.value.price == PRICE
    assert wallet_of(alice).balance == 1000_00
    assert not Comparison.objects.exists()


def test_somebody_elses_is_not_there(
    alice: User, bob: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, PRICE)
    pk = order(alice, applicant).pk
    assert api(alice).get(f"/api/v1/comparisons/{pk}/").status_code == 200
    assert api(bob).get(f"/api/v1/comparisons/{pk}/").status_code == 404


def test_its_keys_meet_no_key_of_a_client(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, 1000_00)
    body = {"model": "catboost", "applicant": applicant}
    for key in ("a:catboost", "part:catboost:client:a"):
        headers = {"Idempotency-Key": key}
        assert (
            api(alice).post("/api/v1/predictions/", body, format="json", headers=headers).status_code == 202
        )
    body = {"applicant": applicant}
    answer = api(alice).post("/api/v1/comparisons/", body, format="json", headers={"Idempotency-Key": "a"})
    assert answer.status_code == 202


def test_its_discount_cannot_be_had_for_one_part(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, PRICE)
    for part in order(alice, applicant).predictions.all():
        assert api(alice).post(f"/api/v1/predictions/{part.pk}/cancel/").status_code == 409
    assert wallet_of(alice).balance == 0


def cancel(client: APIClient, pk: UUID) -> Any:
    return client.post(f"/api/v1/comparisons/{pk}/cancel/")


def test_a_cancel_gives_the_money_of_all_parts_back_once(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, PRICE)
    pk = order(alice, applicant).pk
    answer = cancel(api(alice), pk)
    assert answer.status_code == 200
    assert answer.json()["status"] == "completed"
    assert [part["status"] for part in answer.json()["predictions"]] == ["canceled"] * 3
    assert {part["charge"]["state"] for part in answer.json()["predictions"]} == {"refunded"}
    again = cancel(api(alice), pk)
    assert (again.status_code, again.content) == (200, answer.content)
    score_queued()
    refunds = Entry.objects.filter(kind="refund").order_by("amount")
    assert [entry.amount for entry in refunds] == [8_00, 40_00, 80_00]
    assert wallet_of(alice).balance == PRICE
    call_command("check_ledger")


def test_parts_that_have_begun_go_on_after_a_cancel(alice: User, applicant: Applicant, catalog: None) -> None:
    give_money(alice, PRICE)
    comparison = order(alice, applicant)
    of = {part.model.slug: part for part in comparison.predictions.select_related("model")}
    others = comparison.predictions.exclude(model__slug="logistic-regression")
    soon = timezone.now() + timedelta(hours=1)
    # One ends, one is a worker's, one waits still.
    finished, begun, waiting = of["logistic-regression"], of["random-forest"], of["catboost"]
    others.update(status="running", claim=uuid4(), claimed_at=soon)
    score_queued()
    Prediction.objects.filter(pk=waiting.pk).update(status="queued", claim=None, claimed_at=None)
    for _twice in range(2):
        assert cancel_comparison(comparison) == waiting.price == 80_00
    for part, status in ((finished, "succeeded"), (begun, "running"), (waiting, "canceled")):
        part.refresh_from_db()
        assert part.status == status
    assert wallet_of(alice).balance == 80_00
    call_command("check_ledger")


def test_it_is_too_late_to_cancel_when_all_have_begun(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, PRICE)
    comparison = order(alice, applicant)
    score_queued()
    answer = cancel(api(alice), comparison.pk)
    assert (answer.status_code, answer.json()["code"]) == (409, "not_cancelable")
    with pytest.raises(NotCancelable):
        cancel_comparison(comparison)
    assert wallet_of(alice).balance == 0


def test_a_free_retry_gives_no_money_back_a_second_time(
    alice: User, operator: User, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, PRICE)
    comparison = order(alice, applicant)
    comparison.predictions.filter(model__slug="catboost").update(**UNLOADABLE)
    score_queued()
    assert comp(comparison.predictions.get(model__slug="catboost"), operator)
    for _twice in range(2):
        assert cancel_comparison(comparison) == 0
    assert wallet_of(alice).balance == 80_00
    call_command("check_ledger")


def test_nobody_cancels_somebody_elses(
    alice: User, bob: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, PRICE)
    comparison = order(alice, applicant)
    assert cancel(api(bob), comparison.pk).status_code == 404
    assert set(comparison.predictions.values_list("status", flat=True)) == {"queued"}


@pytest.mark.django_db(transaction=True)
def test_parallel_cancels_refund_each_part_once(alice: User, applicant: Applicant, catalog: None) -> None:
    give_money(alice, PRICE)
    comparison = order(alice, applicant)

    def try_cancel(_number: int) -> int:
        try:
            return cancel_comparison(comparison)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(try_cancel, range(8))) == {PRICE}
    assert wallet_of(alice).balance == PRICE
    call_command("check_ledger")


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_cancels_all_parts_or_none(
    alice: User, applicant: Applicant, catalog: None
) -> None:
    """At whichever statement it dies."""
    give_money(alice, 100 * PRICE)
    found: list[str] = []
    died = True
    while died:
        number = len(found) + 1
        comparison = order(alice, applicant, f"key {number}")
        with killed_at(statement(number)) as death:
            cancel_comparison(comparison)
        died = death.happened
        [status] = set(comparison.predictions.values_list("status", flat=True))
        found.append(status)
    assert found.count("queued") > 10, "it has died between two parts"
    assert found[-1] == "canceled"
    call_command("check_ledger")
