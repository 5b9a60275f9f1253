"""Parallel orders: the balance is checked and charged in one step."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.core.management import call_command
from django.db import connections
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.jobs.worker import score_queued
from predictions.models import Prediction
from predictions.scoring.schema import Applicant
from tests.support.people import ApiClientFor, give_money

pytestmark = pytest.mark.django_db(transaction=True)


def post(client: APIClient, applicant: Applicant, headers: dict[str, str], _number: int) -> tuple[int, str]:
    body = {"model": "logistic-regression", "applicant": applicant}
    try:
        answer = client.post("/api/v1/predictions/", body, format="json", headers=headers)
        return answer.status_code, str(answer.json().get("id"))
    finally:
        connections.close_all()


def test_a_hundred_orders_on_a_balance_for_ten_give_exactly_ten(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, 100_00)
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(partial(post, api(alice), applicant, {}), range(100)))
    assert Counter(code for code, _id in answers) == {202: 10, 402: 90}
    assert Prediction.objects.count() == Entry.objects.filter(kind="charge").count() == 10
    assert wallet_of(alice).balance == 0
    score_queued()
    assert Prediction.objects.filter(status="succeeded").count() == 10
    call_command("check_ledger")


def test_the_same_key_twenty_times_in_parallel_charges_once(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, 100_00)
    headers = {"Idempotency-Key": "order-1"}
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(partial(post, api(alice), applicant, headers), range(20)))
    assert set(answers) == {(202, str(Prediction.objects.get().pk))}
    assert Entry.objects.filter(kind="charge").count() == 1
    assert post(api(alice), applicant, headers, 21) == (202, str(Prediction.objects.get().pk))
    call_command("check_ledger")
