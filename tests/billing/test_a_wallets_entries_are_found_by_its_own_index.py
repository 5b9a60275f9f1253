"""Query plans on both databases, for a customer who has nearly all rows.

For such a customer, PostgreSQL would read the rows of everyone by an index of the admin's lists, if it could.
It would find the first one late if they are all old.
"""

import re

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing import audit
from billing.models import Wallet
from tests.support.orders import OrderFor
from tests.support.people import ApiClientFor, give_money
from tests.support.plans import captured_reads, plan_as_for_many_rows

ROWS = 200


@pytest.fixture
def past(alice: User, bob: User, order: OrderFor) -> None:
    give_money(bob, 1000)
    give_money(alice, ROWS * 10_00)
    for _number in range(ROWS):
        order(alice)
    plan_as_for_many_rows()


def test_in_every_list(past: None, client: Client, alice: User, api: ApiClientFor) -> None:
    client.force_login(alice)
    transactions, history = reverse("predictions:transactions"), reverse("predictions:history")
    with captured_reads() as statements:
        for query in ("", "?kind=charge", "?kind=refund"):
            assert api(alice).get(reverse("api:transactions") + query).status_code == 200
            assert client.get(transactions + query).status_code == 200
        for query in ("", "?status=failed", "?model=catboost"):
            assert api(alice).get(reverse("api:predictions") + query).status_code == 200
            assert client.get(history + query).status_code == 200
        assert client.get(f"{history}?sort=oldest").status_code == 200
        for page in ("predictions:statement", "predictions:dashboard"):
            assert client.get(reverse(page)).status_code == 200
    tables = re.compile('FROM "(billing_entry|predictions_prediction)"')
    lists = [one for one in statements if tables.search(one.sql) and "LIMIT" in one.sql]
    assert len(lists) >= 15
    for one in lists:
        plan = one.plan
        own = re.search(r"entry_by_(time|kind)|prediction_(by_time|by_approval|pending)", plan)
        assert own, (one.sql, plan)
        assert not re.search(r"_newest|_of_kind|_of_model|TEMP B-TREE|Sort Key", plan), (one.sql, plan)


def test_in_the_audit(past: None, alice: User) -> None:
    """What is new since the proof is found in the index, whatever there was before."""
    others = User.objects.bulk_create(User(username=f"name-{number}") for number in range(ROWS))
    Wallet.objects.bulk_create(Wallet(user=user) for user in others)
    for user in others:
        give_money(user, 1)
    for part in audit.unproven_parts():
        part.prove()
    give_money(alice, 1)
    plan_as_for_many_rows()
    with captured_reads() as statements:
        [part] = audit.unproven_parts()
        assert [entry.amount for entry in part.entries] == [1]
        assert not list(part.problems())
    new = {
        "sqlite": r"entry_of_wallet \(wallet_id=\? AND id>\?\)|entry_by_kind \(wallet_id=\? AND kind=",
        "postgresql": r"Index Cond: .*\bid >|entry_by_kind",
    }[connection.vendor]
    reading = [one for one in statements if "billing_entry" in one.sql]
    assert len(reading) == 5
    for one in reading:
        assert re.search(new, one.plan), (one.sql, one.plan)
