"""What became of loans: report, change and withdraw outcomes, one or many."""

import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from predictions import events
from predictions.models import Comparison, FormerOutcome, Outcome, OutcomeQuerySet, Prediction
from predictions.outcomes.sold import Key, Sold, day_of, key_of
from predictions.results.what_if import NotFinished
from predictions.scoring.parsing import FieldProblem

# Rows of one transaction: it holds a lock, and on SQLite nobody else writes meanwhile.
PART = 1_000
BEFORE_ORDER = gettext_noop("The order is of %(day)s (UTC). An outcome is observed on this day or later.")
IN_FUTURE = gettext_noop("This day is in the future. Enter the day on which the outcome was observed.")


# A result, and the day on which it was observed.
Content: TypeAlias = tuple[str, date | None]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of something that was sold. A `result` of "" and no day withdraw what was reported."""

    sold: Sold
    result: str
    observed_on: date | None

    @property
    def content(self) -> Content:
        return self.result, self.observed_on


@dataclass(frozen=True)
class Counts:
    """How many outcomes were new, how many have changed, and how many had been reported like this."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        return self.new + self.changed + self.unchanged

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged)


def report_outcome(prediction: Prediction, result: str, observed_on: date, *, by: User) -> None:
    """Store what became of a prediction; the same again changes nothing.

    Raises `NotFinished` if there is no result, and `ValidationError` for an impossible day.
    """
    _report([prediction], result, observed_on, by)


def report_comparison(comparison: Comparison, result: str, observed_on: date, *, by: User) -> None:
    """Store the same for all parts of a comparison that have a result, for they are about one loan.

    Raises what `report_outcome` raises, also while a part is pending.
    """
    _report(parts_with_result(comparison), result, observed_on, by)


def withdraw_outcome(prediction: Prediction, *, by: User) -> None:
    """Take back what was reported, if anything was. The history of changes stays."""
    if Outcome.objects.reported().filter(prediction=prediction).exists():
        store([Report(Sold.of(prediction), "", None)], by=by)


def withdraw_comparison(comparison: Comparison, *, by: User) -> None:
    """Take back what was reported of any part."""
    reported = Outcome.objects.reported().filter(prediction__comparison=comparison)
    parts = Prediction.objects.filter(outcome__in=reported).select_related("model")
    store([Report(Sold.of(part), "", None) for part in parts], by=by)


def parts_with_result(comparison: Comparison) -> list[Prediction]:
    """Return the parts that an outcome is reported of. Raises `NotFinished` without any, or too early."""
    parts = list(comparison.predictions.all())
    scored = [part for part in parts if part.approval_probability is not None]
    if not scored or any(part.is_pending for part in parts):
        raise NotFinished
    return scored


def _report(predictions: Sequence[Prediction], result: str, observed_on: date, by: User) -> None:
    """Store the same of all of them, or of none. Raises what `report_outcome` raises."""
    sold = [Sold.of(prediction) for prediction in predictions]
    for one in sold:
        if problem := day_problem(one, observed_on):
            text = _(problem.message) % problem.params
            raise ValidationError({problem.field: ValidationError(text, problem.code)})
    store([Report(one, result, observed_on) for one in sold], by=by)


def day_problem(sold: Sold, observed_on: date) -> FieldProblem | None:
    """Return what is wrong with the day. Days are those of UTC, as everywhere in the service."""
    if observed_on < sold.ordered_on:
        day = {"day": sold.ordered_on.isoformat()}
        return FieldProblem("observed_on", "before_order", BEFORE_ORDER, day)
    if observed_on > day_of(timezone.now()):
        return FieldProblem("observed_on", "in_future", IN_FUTURE, {})
    return None


def store(reports: Sequence[Report], *, by: User) -> Counts:
    """Store checked reports, one for each thing sold, in transactions of `PART` rows.

    One transaction for all would keep other customers waiting. What breaks off may be sent again.
    """
    counts = Counts()
    for start in range(0, len(reports), PART):
        with transaction.atomic():
            counts += _store_part(reports[start : start + PART], by)
    return counts


def _store_part(reports: Sequence[Report], by: User) -> Counts:
    # Others who report on loans of the same customers wait here, so that no change is lost.
    owners = User.objects.filter(pk__in={report.sold.user for report in reports}).order_by("pk")
    list(owners.select_for_update(no_key=True).values_list("pk", flat=True))
    now, stored = timezone.now(), _contents([report.sold for report in reports])
    new = [report for report in reports if report.sold.key not in stored]
    changed = [report for report in reports if stored.get(report.sold.key, report.content) != report.content]
    Outcome.objects.bulk_create([_made(report, by, now) for report in new])
    _change(changed, by, now)
    events.outcomes_reported(Counter(map(_named, (*new, *changed))))
    return Counts(len(new), len(changed), len(reports) - len(new) - len(changed))


def _contents(sold: Sequence[Sold]) -> dict[Key, Content]:
    """Return what is stored of these, withdrawn ones too."""
    columns = ("prediction", "batch", "line", "result", "observed_on")
    rows = _outcomes_of(sold).values_list(*columns)
    return {key_of(prediction, batch, line): (result, day) for prediction, batch, line, result, day in rows}


def _outcomes_of(sold: Sequence[Sold]) -> OutcomeQuerySet:
    lines: dict[uuid.UUID, list[int]] = {}
    for one in sold:
        if one.batch and one.line is not None:
            lines.setdefault(one.batch, []).append(one.line)
    wanted = Q(prediction__in=[one.prediction for one in sold if one.prediction])
    for batch, numbers in lines.items():
        wanted |= Q(batch=batch, line__in=numbers)
    return Outcome.objects.filter(wanted)


def _made(report: Report, by: User, now: datetime) -> Outcome:
    sold = report.sold
    return Outcome(
        user_id=sold.user,
        model=sold.model,
        model_version=sold.version,
        prediction_id=sold.prediction,
        batch_id=sold.batch,
        line=sold.line,
        approval_probability=sold.approval_probability,
        ordered_on=sold.ordered_on,
        result=report.result,
        observed_on=report.observed_on,
        reported_at=now,
        reported_by=by,
    )


def _change(changed: Sequence[Report], by: User, now: datetime) -> None:
    """Change outcomes, and keep what they were."""
    contents = {report.sold.key: report.content for report in changed}
    outcomes = list(_outcomes_of([report.sold for report in changed])) if changed else []
    former = []
    for outcome in outcomes:
        former.append(
            FormerOutcome(
                outcome=outcome,
                result=outcome.result,
                observed_on=outcome.observed_on,
                reported_at=outcome.reported_at,
                reported_by_id=outcome.reported_by_id,
            )
        )
        key = key_of(outcome.prediction_id, outcome.batch_id, outcome.line)
        outcome.result, outcome.observed_on = contents[key]
        outcome.reported_at, outcome.reported_by = now, by
    FormerOutcome.objects.bulk_create(former)
    # One statement, however many values there are.
    Outcome.objects.bulk_create(
        outcomes,
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=["result", "observed_on", "reported_at", "reported_by"],
    )


def _named(report: Report) -> tuple[str, str, str]:
    return report.sold.model.slug, report.sold.version, report.result or "withdrawn"
