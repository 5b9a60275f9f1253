from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.services import InsufficientFunds, RequestKeyReused, wallet_of
from predictions.catalog import ModelUnavailable
from predictions.comparing import order_comparison, quote
from predictions.models import Comparison, Prediction, ScoringModel
from predictions.ordering import PriceChanged
from predictions.running import run_waiting
from predictions.scoring.schema import Applicant
from tests.fixtures.people import ApiClientFor, give_money

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
    run_waiting()
    done = api(alice).get(answer["Location"]).json()
    assert done["status"] == "completed"
    assert [part["model"] for part in done["predictions"]] == [
        "logistic-regression",
        "random-forest",
        "catboost",
    ]
    assert all(0 < part["approval_probability"] < 1 for part in done["predictions"])
    call_command("check_ledger")


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
    run_waiting()
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


def test_a_price_that_has_changed_is_not_taken(alice: User, applicant: Applicant, catalog: None) -> None:
    give_money(alice, 1000_00)
    with pytest.raises(PriceChanged):
        order_comparison(user=alice, applicant=applicant, request_key="key", agreed_price=1)
    assert wallet_of(alice).balance == 1000_00


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
