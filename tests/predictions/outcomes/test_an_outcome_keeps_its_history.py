"""An outcome is reported once, may be changed and withdrawn, and what it was before is kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.models import User
from predictions.models import FormerOutcome, Outcome
from predictions.outcomes.services import report_outcome, withdraw_outcome
from predictions.results.what_if import NotFinished
from tests.support.artifacts import SOLD_VERSION
from tests.support.orders import Bought

TODAY = datetime.now(UTC).date()


def test_an_outcome_repeats_what_was_sold(bought: Bought, alice: User) -> None:
    prediction = bought(at="2026-01-31T23:30:00Z", approval=0.75)
    report_outcome(prediction, "repaid", date(2026, 2, 1), by=alice)
    outcome = Outcome.objects.get(prediction=prediction)
    assert (outcome.user, outcome.model, outcome.model_version) == (alice, prediction.model, SOLD_VERSION)
    assert (outcome.approval_probability, outcome.ordered_on) == (0.75, date(2026, 1, 31))
    assert (outcome.result, outcome.observed_on) == ("repaid", date(2026, 2, 1))
    assert outcome.reported_by == alice


def test_the_same_report_again_changes_nothing(bought: Bought, alice: User, bob: User) -> None:
    prediction = bought()
    report_outcome(prediction, "repaid", TODAY, by=alice)
    first = Outcome.objects.values().get()
    report_outcome(prediction, "repaid", TODAY, by=bob)
    assert Outcome.objects.values().get() == first
    assert not FormerOutcome.objects.exists()


def test_a_change_keeps_what_it_was_by_whom_and_when(bought: Bought, alice: User, bob: User) -> None:
    prediction = bought(at="2026-01-31T12:00:00Z")
    report_outcome(prediction, "repaid", date(2026, 3, 1), by=alice)
    first = Outcome.objects.get()
    report_outcome(prediction, "defaulted", date(2026, 4, 1), by=bob)
    now, former = Outcome.objects.get(), FormerOutcome.objects.get()
    assert (now.pk, now.result, now.observed_on, now.reported_by) == (
        first.pk,
        "defaulted",
        date(2026, 4, 1),
        bob,
    )
    assert now.reported_at > first.reported_at
    assert (former.outcome, former.result, former.observed_on) == (now, "repaid", date(2026, 3, 1))
    assert (former.reported_by, former.reported_at) == (alice, first.reported_at)


def test_an_outcome_can_be_withdrawn_and_reported_again(bought: Bought, alice: User) -> None:
    prediction = bought()
    withdraw_outcome(prediction, by=alice)
    assert not Outcome.objects.exists()
    report_outcome(prediction, "defaulted", TODAY, by=alice)
    for _twice in range(2):
        withdraw_outcome(prediction, by=alice)
    assert not Outcome.objects.reported().exists()
    report_outcome(prediction, "repaid", TODAY, by=alice)
    assert [(row.result, row.observed_on) for row in FormerOutcome.objects.order_by("pk")] == [
        ("defaulted", TODAY),
        ("", None),
    ]
    assert Outcome.objects.reported().get().result == "repaid"


@pytest.mark.parametrize(
    ("day", "code"),
    [(TODAY + timedelta(days=1), "in_future"), (TODAY - timedelta(days=1), "before_order")],
)
def test_a_day_is_between_the_order_and_now(bought: Bought, alice: User, day: date, code: str) -> None:
    prediction = bought()
    with pytest.raises(ValidationError) as refusal:
        report_outcome(prediction, "repaid", day, by=alice)
    assert [error.code for error in refusal.value.error_dict["observed_on"]] == [code]
    assert not Outcome.objects.exists()
    report_outcome(prediction, "repaid", TODAY, by=alice)


def test_what_has_no_result_has_no_outcome(bought: Bought, alice: User) -> None:
    with pytest.raises(NotFinished):
        report_outcome(bought(run=False), "repaid", TODAY, by=alice)


def test_the_database_refuses_what_cannot_be(bought: Bought, alice: User) -> None:
    prediction = bought(at="2026-01-31T12:00:00Z")
    report_outcome(prediction, "repaid", date(2026, 2, 1), by=alice)
    own = Outcome.objects.filter(prediction=prediction)
    for wrong in (
        {"observed_on": None},
        {"observed_on": date(2026, 1, 30)},
        {"result": "forgotten"},
        {"result": ""},
        {"line": 5},
        {"prediction": None},
        {"approval_probability": 1.5},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            own.update(**wrong)
