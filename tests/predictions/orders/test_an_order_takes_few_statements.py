"""What an order costs the database: a round trip for each statement, a write to the disk for each commit."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts import tokens
from accounts.models import User
from predictions.scoring.schema import Applicant
from tests.support.keys import KeyFor, program
from tests.support.people import give_money

FRAME = ("BEGIN", "COMMIT")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("key", "expected"), [({}, 6), ({"Idempotency-Key": "key"}, 7)])
def test_they_are_counted(
    alice: User, applicant: Applicant, catalog: None, key: dict[str, str], expected: int, client: Client
) -> None:
    give_money(alice, 100_00)
    cache.clear()
    headers = {"Authorization": f"Bearer {tokens.issue(alice).access}", **key}
    body = {"model": "logistic-regression", "applicant": applicant, "label": "a label"}
    with CaptureQueriesContext(connection) as queries:
        answer = client.post("/api/v1/predictions/", body, "application/json", headers=headers)
    assert answer.status_code == 202
    statements = [query["sql"].split()[0] for query in queries]
    assert statements.count("COMMIT") == 1
    assert len([one for one in statements if one not in FRAME]) == expected, queries.captured_queries


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("header", "expected"), [({}, 7), ({"Idempotency-Key": "key"}, 8)])
def test_an_api_key_adds_the_statement_that_checks_its_limits(
    alice: User, applicant: Applicant, catalog: None, new_key: KeyFor, header: dict[str, str], expected: int
) -> None:
    give_money(alice, 100_00)
    cache.clear()
    client = program(new_key(alice, daily_limit=50_00))
    # The first use in a minute is written.
    client.get("/api/v1/balance/")
    body = {"model": "logistic-regression", "applicant": applicant}
    with CaptureQueriesContext(connection) as queries:
        answer = client.post("/api/v1/predictions/", body, "json", headers=header)
    assert answer.status_code == 202
    statements = [query["sql"].split()[0] for query in queries]
    assert statements.count("COMMIT") == 1
    assert len([one for one in statements if one not in FRAME]) == expected, queries.captured_queries
