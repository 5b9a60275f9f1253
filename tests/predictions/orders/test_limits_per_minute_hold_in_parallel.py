"""What a customer may do in a minute holds when twenty requests come at the same moment."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connections
from pytest_django import Settings

from accounts import throttling
from accounts.models import User
from billing.services import wallet_of
from predictions.models import Prediction
from predictions.results.what_if import WHAT_IF
from predictions.scoring.schema import Applicant
from tests.support.keys import KeyFor, program
from tests.support.orders import ResultFor
from tests.support.people import ApiClientFor, give_money

pytestmark = pytest.mark.django_db(transaction=True)
AT_ONCE = 20


def in_parallel(ask: Callable[[int], int]) -> Counter[int]:
    def ask_and_close(number: int) -> int:
        try:
            return ask(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return Counter(pool.map(ask_and_close, range(AT_ONCE)))


def test_orders(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None, new_key: KeyFor, settings: Settings
) -> None:
    """By token and by two keys: the limit is the customer's."""
    settings.ORDERS_PER_MINUTE = 7
    give_money(alice, 1000_00)
    clients = [api(alice), program(new_key(alice)), program(new_key(alice))]
    body = {"model": "logistic-regression", "applicant": applicant}

    def order(number: int) -> int:
        client = clients[number % len(clients)]
        return int(client.post("/api/v1/predictions/", body, format="json").status_code)

    assert in_parallel(order) == {202: 7, 429: 13}
    assert Prediction.objects.count() == 7
    assert wallet_of(alice).balance == 930_00
    call_command("check_ledger")


def test_comparisons_count_their_predictions(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None, settings: Settings
) -> None:
    settings.ORDERS_PER_MINUTE = 7
    give_money(alice, 10_000_00)
    client = api(alice)

    def compare(_number: int) -> int:
        return int(client.post("/api/v1/comparisons/", {"applicant": applicant}, format="json").status_code)

    assert in_parallel(compare) == {202: 2, 429: 18}
    assert Prediction.objects.count() == 6


def test_a_limit_below_one_comparison_still_lets_one_pass(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None, settings: Settings
) -> None:
    settings.ORDERS_PER_MINUTE = 1
    give_money(alice, 10_000_00)
    client = api(alice)
    codes = [
        client.post("/api/v1/comparisons/", {"applicant": applicant}, format="json").status_code
        for _number in range(2)
    ]
    assert codes == [202, 429]


def test_explanations(
    alice: User, api: ApiClientFor, result: ResultFor, settings: Settings, catalog: None
) -> None:
    settings.EXPLANATIONS_PER_MINUTE = 5
    own = [result("logistic-regression").pk for _number in range(AT_ONCE)]
    client = api(alice)
    codes = in_parallel(
        lambda number: int(client.get(f"/api/v1/predictions/{own[number]}/explanation/").status_code)
    )
    assert codes == {202: 5, 429: 15}
    assert Prediction.objects.filter(explanation_requested_at__isnull=False).count() == 5


def test_what_if(alice: User, api: ApiClientFor, result: ResultFor, monkeypatch: pytest.MonkeyPatch) -> None:
    # The minute of the service's own clock may end while they come.
    monkeypatch.setattr(throttling, "time", SimpleNamespace(time=lambda: 1_000_000.0))
    address = f"/api/v1/predictions/{result('logistic-regression').pk}/what-if/"
    client, before = api(alice), WHAT_IF.attempts - 5
    for _number in range(before):
        assert client.get(address.replace("what-if", "curve") + "?field=loan_amnt").status_code == 200
    body = {"changes": {"loan_amnt": 5000}}
    codes = in_parallel(lambda _number: int(client.post(address, body, format="json").status_code))
    assert codes == {200: 5, 429: 15}
