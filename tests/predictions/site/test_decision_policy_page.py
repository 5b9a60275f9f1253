"""The page of the decision policy, and decisions on the pages of results, the history and its file."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.models import DecisionPolicy, policy_of
from predictions.results.decisions import save_policy
from tests.predictions.site.test_history_csv_is_what_the_page_shows import table
from tests.support.html import Page
from tests.support.orders import Bought

PAGE = reverse("predictions:decision-policy")
HISTORY = reverse("predictions:history")


def test_it_is_saved_shown_and_removed(reader: Client, alice: User) -> None:
    saved = reader.post(PAGE, {"approve_from": "85", "decline_below": "62.5"})
    assert (saved.status_code, saved["Location"]) == (302, PAGE)
    stored = DecisionPolicy.objects.get(user=alice)
    assert (stored.approve_from, stored.decline_below) == (0.85, 0.625)
    shown = Page(reader.get(PAGE))
    assert shown.value_of("approve_from") == "85"
    assert shown.value_of("decline_below") == "62.5"
    assert reader.post(PAGE, {"remove": "1"}).status_code == 302
    assert not DecisionPolicy.objects.exists()


def test_numbers_are_read_as_the_reader_types_them(reader: Client, alice: User) -> None:
    russian = {"Accept-Language": "ru"}
    reader.post(PAGE, {"approve_from": "85,5 %", "decline_below": "60"}, headers=russian)
    assert DecisionPolicy.objects.get(user=alice).approve_from == 0.855
    assert Page(reader.get(PAGE, headers=russian)).value_of("approve_from") == "85,5"


@pytest.mark.parametrize(
    ("approve_from", "decline_below", "error"),
    [
        ("", "60", "Enter a number."),
        ("many", "60", "Enter a number."),
        ("101", "60", "Enter a number from 0 to 100."),
        ("80", "-1", "Enter a number from 0 to 100."),
        ("50", "60", "“Decline below” must not be higher than “Approve from”."),
    ],
)
def test_wrong_thresholds_are_named_and_kept(
    reader: Client, approve_from: str, decline_below: str, error: str
) -> None:
    answer = reader.post(PAGE, {"approve_from": approve_from, "decline_below": decline_below})
    assert answer.status_code == 422
    assert error in answer.content.decode()
    assert Page(answer).value_of("decline_below") == decline_below
    assert not DecisionPolicy.objects.exists()


def test_costs_suggest_thresholds_for_each_model(reader: Client) -> None:
    page = reader.get(PAGE, {"default_cost": "5000", "refusal_cost": "500"})
    rows = page.context["rows"]
    assert [row.model.slug for row in rows] == ["logistic-regression", "random-forest", "catboost"]
    # A default costs ten times a refusal, so only near-certain ones pay.
    assert all(row.suggestion.best > 0.5 for row in rows)
    taken = Page(reader.get(f"{PAGE}?{rows[0].query}"))
    assert float(taken.value_of("approve_from")) == pytest.approx(rows[0].suggestion.approve_from * 100)
    assert taken.value_of("default_cost") == "5000"


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ({"default_cost": "0", "refusal_cost": "0"}, "Enter at least one amount above zero."),
        ({"default_cost": "", "refusal_cost": "1"}, "Check the form"),
        ({"default_cost": "x", "refusal_cost": "1"}, "Check the form"),
    ],
)
def test_costs_that_suggest_nothing_are_told(reader: Client, query: dict[str, str], text: str) -> None:
    answer = reader.get(PAGE, query)
    assert answer.status_code == 200
    assert text in answer.content.decode()
    assert not answer.context["rows"]


def test_results_and_the_history_tell_the_decision(reader: Client, alice: User, bought: Bought) -> None:
    scores = {"Decline": 0.3, "Review": 0.7, "Approve": 0.9}
    rows = {decision: bought(approval=score) for decision, score in scores.items()}
    result = reverse("predictions:detail", args=[rows["Review"].pk])
    assert "By your policy" not in reader.get(result).content.decode()
    assert "decision" not in reader.get(HISTORY).context["filter"].fields
    save_policy(alice, approve_from=0.85, decline_below=0.6)
    assert "By your policy <strong>Review</strong>" in reader.get(result).content.decode()
    listed = reader.get(HISTORY)
    assert [row.decision.label for row in listed.context["rows"]] == ["Approve", "Review", "Decline"]
    for decision, row in rows.items():
        for sort in ("newest", "lowest"):
            query = {"decision": decision.lower(), "sort": sort}
            assert [found.pk for found in reader.get(HISTORY, query).context["rows"]] == [row.pk]
        assert [line["Decision"] for line in table(reader, decision=decision.lower())] == [decision]


def test_a_filter_from_before_the_policy_was_removed_is_ignored(reader: Client, bought: Bought) -> None:
    bought(approval=0.7)
    assert len(reader.get(HISTORY, {"decision": "decline"}).context["rows"]) == 1
    assert [line["Decision"] for line in table(reader)] == [""]


def test_it_is_nobody_elses(client: Client, alice: User, bob: User) -> None:
    assert client.get(PAGE).status_code == 302
    save_policy(alice, approve_from=0.85, decline_below=0.6)
    client.force_login(bob)
    client.post(PAGE, {"remove": "1"})
    assert policy_of(User.objects.get(pk=alice.pk)) is not None
