"""The decision policy by API, and what it makes of predictions and lists."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Scope, User
from predictions.models import DecisionPolicy
from tests.support.keys import KeyFor, program
from tests.support.orders import Bought
from tests.support.people import Answer, ApiClientFor

POLICY = "/api/v1/decision-policy/"
THRESHOLDS = {"approve_from": 0.85, "decline_below": 0.6}


@pytest.fixture
def put(alice: User, api: ApiClientFor) -> Callable[..., Answer]:
    def send(**body: Any) -> Answer:
        return api(alice).put(POLICY, body, format="json")

    return send


def test_it_is_set_read_and_removed(alice: User, api: ApiClientFor, put: Callable[..., Answer]) -> None:
    client = api(alice)
    assert client.get(POLICY).status_code == 404
    assert put(**THRESHOLDS).json() == THRESHOLDS
    assert put(**THRESHOLDS).status_code == 200
    assert client.get(POLICY).json() == THRESHOLDS
    assert client.delete(POLICY).status_code == 204
    assert client.delete(POLICY).status_code == 204
    assert client.get(POLICY).status_code == 404


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"approve_from": 0.5, "decline_below": 0.6}, "decline_below", "above_approve_from"),
        ({"approve_from": 1.01, "decline_below": 0.6}, "approve_from", "invalid"),
        ({"approve_from": "0.8", "decline_below": 0.6}, "approve_from", "invalid"),
        ({"approve_from": True, "decline_below": 0.6}, "approve_from", "invalid"),
        ({"approve_from": 0.8}, "decline_below", "required"),
        ({"approve_from": 0.8, "decline_below": 0.6, "verdict": 1}, "verdict", "unknown_field"),
    ],
)
def test_wrong_thresholds_are_named(
    put: Callable[..., Answer], body: dict[str, Any], field: str, code: str
) -> None:
    answer = put(**body)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert not DecisionPolicy.objects.exists()


def test_the_reason_is_told_in_the_readers_language(alice: User, api: ApiClientFor) -> None:
    body = {"approve_from": 0.5, "decline_below": 0.6}
    told = api(alice).put(POLICY, body, format="json", headers={"Accept-Language": "ru"})
    assert told.json()["errors"][0]["detail"] == "«Отказать ниже» не\xa0может быть больше, чем «Одобрить от»."


def test_predictions_and_lists_have_the_decision(
    alice: User, bob: User, api: ApiClientFor, put: Callable[..., Answer], bought: Bought
) -> None:
    put(**THRESHOLDS)
    rows = {score: bought(approval=score).pk for score in (0.3, 0.7, 0.9)}
    bought(user=bob, approval=0.7)
    bought(run=False)
    client = api(alice)
    listed = client.get("/api/v1/predictions/").json()["results"]
    assert [row["decision"] for row in listed] == [None, "approve", "review", "decline"]
    for decision, score in (("decline", 0.3), ("review", 0.7), ("approve", 0.9)):
        assert client.get(f"/api/v1/predictions/{rows[score]}/").json()["decision"] == decision
        found = client.get("/api/v1/predictions/", {"decision": decision}).json()["results"]
        assert [row["id"] for row in found] == [str(rows[score])]
    wrong = client.get("/api/v1/predictions/", {"decision": "approved"})
    assert wrong.status_code == 422
    assert wrong.json()["errors"][0]["code"] == "invalid_choice"
    assert api(bob).get("/api/v1/predictions/", {"decision": "review"}).json()["results"] == []


def test_a_list_reads_the_policy_once(
    alice: User,
    api: ApiClientFor,
    put: Callable[..., Answer],
    bought: Bought,
    django_assert_num_queries: Callable[[int], Any],
) -> None:
    put(**THRESHOLDS)
    client = api(alice)
    bought(approval=0.7)
    with CaptureQueriesContext(connection) as one:
        client.get("/api/v1/predictions/")
    for _number in range(3):
        bought(approval=0.7)
    with django_assert_num_queries(len(one)):
        client.get("/api/v1/predictions/")


def test_a_key_needs_its_scope(alice: User, new_key: KeyFor) -> None:
    reader = program(new_key(alice, [Scope.READ]))
    assert reader.get(POLICY).status_code == 404
    assert reader.put(POLICY, THRESHOLDS, format="json").status_code == 403
    orderer = program(new_key(alice, [Scope.PREDICT]))
    assert orderer.put(POLICY, THRESHOLDS, format="json").status_code == 200
