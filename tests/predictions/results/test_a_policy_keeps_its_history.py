"""Which thresholds a customer had when: each change is a row, and nobody can rewrite it."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.models import DecisionPolicy, PolicyChange, Prediction
from predictions.results.decisions import changes_of, remove_policy, save_policy
from predictions.triggers import POLICY_CHANGES
from tests.support.database import earlier_schema
from tests.support.html import Page
from tests.support.keys import KeyFor, program
from tests.support.orders import Bought

PAGE = reverse("predictions:decision-policy")


def thresholds(change: PolicyChange | None) -> tuple[float | None, float | None] | None:
    return (change.decline_below, change.approve_from) if change else None


def history(user: User) -> list[tuple[Any, Any]]:
    return [(thresholds(row.before), thresholds(row.after)) for row in changes_of(user, 10)]


def test_each_change_is_kept_with_what_was_before(alice: User, bob: User) -> None:
    save_policy(bob, approve_from=1.0, decline_below=0.0)
    save_policy(alice, approve_from=0.85, decline_below=0.6)
    save_policy(alice, approve_from=0.8, decline_below=0.6)
    remove_policy(alice)
    save_policy(alice, approve_from=0.5, decline_below=0.5)
    assert history(alice) == [
        ((None, None), (0.5, 0.5)),
        ((0.6, 0.8), (None, None)),
        ((0.6, 0.85), (0.6, 0.8)),
        (None, (0.6, 0.85)),
    ]
    newest = changes_of(alice, 1)
    assert [thresholds(row.before) for row in newest] == [(None, None)]
    assert newest[0].after.changed_at == DecisionPolicy.objects.get(user=alice).changed_at


def test_what_changes_nothing_is_no_change(alice: User) -> None:
    remove_policy(alice)
    first = save_policy(alice, approve_from=0.85, decline_below=0.6)
    again = save_policy(alice, approve_from=0.85, decline_below=0.6)
    assert again.changed_at == first.changed_at
    assert len(changes_of(alice, 10)) == 1


def test_a_change_that_is_undone_leaves_no_history(alice: User) -> None:
    with transaction.atomic():
        save_policy(alice, approve_from=0.85, decline_below=0.6)
        transaction.set_rollback(True)
    assert (changes_of(alice, 10), DecisionPolicy.objects.count()) == ([], 0)


@pytest.mark.parametrize("verb", ["UPDATE predictions_policychange SET approve_from = 1", "DELETE FROM"])
def test_the_database_refuses_to_rewrite_it(alice: User, verb: str) -> None:
    save_policy(alice, approve_from=0.85, decline_below=0.6)
    statement = verb if verb.startswith("UPDATE") else f"{verb} predictions_policychange"
    with (
        pytest.raises(DatabaseError, match="changes of policies are history"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert history(alice) == [(None, (0.6, 0.85))]


@pytest.mark.parametrize(
    ("approve_from", "decline_below"), [(0.5, None), (None, 0.5), (0.5, 0.6), (1.1, 0.5)]
)
def test_the_database_refuses_half_of_a_policy(
    alice: User, approve_from: float | None, decline_below: float | None
) -> None:
    at = save_policy(alice, approve_from=0.85, decline_below=0.6).changed_at
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyChange.objects.create(
            user=alice, approve_from=approve_from, decline_below=decline_below, changed_at=at
        )


def test_a_change_by_a_program_names_its_key(reader: Client, alice: User, new_key: KeyFor) -> None:
    key = new_key(alice)
    client, path = program(key), "/api/v1/decision-policy/"
    body = {"approve_from": 0.85, "decline_below": 0.6}
    assert client.put(path, body, format="json").status_code == 200
    assert client.delete(path).status_code == 204
    assert [row.after.api_key for row in changes_of(alice, 10)] == [key.key] * 2
    assert "API key loan desk" in reader.get(PAGE).content.decode()


def test_the_page_shows_the_last_ten(reader: Client, alice: User) -> None:
    assert "Changes of the thresholds" not in reader.get(PAGE).content.decode()
    for percent in range(12):
        save_policy(alice, approve_from=0.851234, decline_below=percent / 100)
    remove_policy(alice)
    rows = [row.words for row in Page(reader.get(PAGE)).all("tr")][1:]
    assert len(rows) == 10
    assert rows[0].endswith("— — 11%–85.1234% you")
    assert rows[1].endswith("85.1234% 11% 10%–85.1234% you")


def test_the_first_change_says_that_there_was_no_policy(reader: Client, alice: User) -> None:
    save_policy(alice, approve_from=0.85, decline_below=0.6)
    (row,) = [row.words for row in Page(reader.get(PAGE)).all("tr")][1:]
    assert row.endswith("85% 60% no policy you")


def test_operators_see_the_changes_of_a_customer(admin_client: Client, alice: User, bob: User) -> None:
    for user in (alice, bob):
        save_policy(user, approve_from=0.85, decline_below=0.6)
    listed = reverse("admin:predictions_policychange_changelist")
    for query, count in (("", 2), ("alice", 1), ("nobody", 0)):
        assert len(admin_client.get(listed, {"q": query}).context["cl"].result_list) == count
    change = reverse("admin:predictions_policychange_change", args=[PolicyChange.objects.latest("pk").pk])
    assert admin_client.get(change).status_code == 200
    assert admin_client.post(change, {"approve_from": "1"}).status_code == 403


def test_a_result_says_under_which_thresholds(reader: Client, alice: User, bought: Bought) -> None:
    prediction = bought(approval=0.7)
    page = reverse("predictions:detail", args=[prediction.pk])
    assert "Your thresholds now" not in reader.get(page).content.decode()
    policy = save_policy(alice, approve_from=0.85, decline_below=0.6)
    shown = Page(reader.get(page)).by_id("main").words
    now = "Your thresholds now: approve from 85%, decline below 60%."
    assert f"{now} Set after this order." in shown
    Prediction.objects.filter(pk=prediction.pk).update(created_at=policy.changed_at + timedelta(seconds=1))
    shown = Page(reader.get(page)).by_id("main").words
    assert now in shown
    assert "Set after this order" not in shown


@pytest.mark.django_db(transaction=True)
def test_the_history_of_an_older_policy_begins_with_its_last_change(alice: User) -> None:
    with earlier_schema("predictions", "0018_sales_are_history") as models:
        models.get_model("predictions", "DecisionPolicy").objects.create(
            user_id=alice.pk, approve_from=0.85, decline_below=0.6
        )
    assert history(alice) == [(None, (0.6, 0.85))]
    assert changes_of(alice, 1)[0].after.changed_at == DecisionPolicy.objects.get().changed_at
    assert POLICY_CHANGES.missing(connection) == []
