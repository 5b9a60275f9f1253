"""Decisions follow a customer's thresholds, on numbers as they are sold, in Python and in queries alike."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from predictions.models import Decision, DecisionPolicy, Prediction, policy_of
from predictions.results.decisions import remove_policy, save_policy
from predictions.scoring.rounding import rounded
from tests.support.orders import Bought

# Around the thresholds 0.6 and 0.85, and what is sold of them.
SCORES = {
    0.0: "decline",
    0.599_999: "decline",
    0.599_999_4: "decline",
    0.599_999_6: "review",
    0.6: "review",
    0.849_999: "review",
    0.849_999_6: "approve",
    0.85: "approve",
    1.0: "approve",
}


@pytest.fixture
def policy(alice: User) -> DecisionPolicy:
    return save_policy(alice, approve_from=0.85, decline_below=0.6)


def test_both_thresholds_belong_to_the_better_side(policy: DecisionPolicy) -> None:
    assert {score: policy.decide(score) for score in SCORES} == SCORES


def test_the_number_that_is_shown_decides(policy: DecisionPolicy) -> None:
    assert all(policy.decide(score) == policy.decide(float(rounded(score))) for score in SCORES)


def test_queries_find_what_is_decided(policy: DecisionPolicy, alice: User, bought: Bought) -> None:
    for score in SCORES:
        bought(approval=score)
    bought(run=False)
    for decision in Decision:
        found = Prediction.objects.filter(policy.condition(decision)).values_list(
            "approval_probability", flat=True
        )
        assert set(found) == {score for score, decided in SCORES.items() if decided == decision}


def test_equal_thresholds_leave_nothing_to_review(alice: User) -> None:
    policy = save_policy(alice, approve_from=0.7, decline_below=0.7)
    assert {policy.decide(score) for score in SCORES} == {Decision.APPROVE, Decision.DECLINE}


def test_thresholds_in_the_wrong_order_are_refused(policy: DecisionPolicy, alice: User) -> None:
    with pytest.raises(ValidationError) as refused:
        save_policy(alice, approve_from=0.5, decline_below=0.6)
    assert refused.value.error_dict["decline_below"][0].code == "above_approve_from"
    policy.refresh_from_db()
    assert (policy.approve_from, policy.decline_below) == (0.85, 0.6)
    with pytest.raises(IntegrityError), transaction.atomic():
        DecisionPolicy.objects.update(approve_from=0.1)


def test_a_change_counts_for_earlier_results(policy: DecisionPolicy, alice: User, bought: Bought) -> None:
    prediction = bought(approval=0.7)
    assert prediction.decision == Decision.REVIEW
    save_policy(alice, approve_from=0.7, decline_below=0.1)
    assert Prediction.objects.get(pk=prediction.pk).decision == Decision.APPROVE
    remove_policy(alice)
    assert Prediction.objects.get(pk=prediction.pk).decision is None


def test_nobody_is_judged_by_another_ones_policy(policy: DecisionPolicy, bob: User, bought: Bought) -> None:
    assert bought(user=bob, approval=0.7).decision is None
    assert policy_of(bob) is None


def test_what_has_no_result_has_no_decision(policy: DecisionPolicy, bought: Bought) -> None:
    assert bought(run=False).decision is None
