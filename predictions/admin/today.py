"""What the first page of the admin tells: the orders, failures and refunds of the day, what waits, drift."""

from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from billing.models import Entry
from billing.money import format_money
from predictions.formats.numbers import number
from predictions.lifecycle.drift_report import on_sale_last_week
from predictions.models import Batch, Prediction, ScoringModel

Status = Prediction.Status


@dataclass(frozen=True)
class Figure:
    """A number with what it counts, and the list of that."""

    label: str
    value: str
    address: str
    is_alarming: bool = False


def figures(operator: Any) -> list[Figure]:
    """Return what this operator may see. Each count is of a day, or of what is open, by an index."""
    found: list[Figure] = []
    midnight = datetime.combine(timezone.now().astimezone(UTC).date(), time.min, tzinfo=UTC)
    if operator.has_perm("predictions.view_prediction"):
        found += _predictions(midnight)
    if operator.has_perm("predictions.view_batch"):
        files = Batch.objects.open().filter(status__in=[Batch.Status.VALIDATING, *Batch.PAID]).count()
        found.append(
            Figure(_("Files in progress"), number(files), reverse("admin:predictions_batch_changelist"))
        )
    if operator.has_perm("billing.view_entry"):
        found.append(_refunds(midnight))
    if operator.has_perm("predictions.view_scoringmodel"):
        found += _drifted()
    return found


def _predictions(midnight: datetime) -> list[Figure]:
    address = reverse("admin:predictions_prediction_changelist")
    orders = Prediction.objects.of_everyone().filter(created_at__gte=midnight).count()
    failed = (
        Prediction.objects.without_result().filter(created_at__gte=midnight, status=Status.FAILED).count()
    )
    queued = Prediction.objects.queued().count()
    return [
        Figure(_("Predictions today"), number(orders), address),
        Figure(
            _("Failed today"),
            number(failed),
            f"{address}?status__exact={Status.FAILED}",
            is_alarming=failed > 0,
        ),
        Figure(_("Predictions waiting"), number(queued), f"{address}?status__exact={Status.QUEUED}"),
    ]


def _refunds(midnight: datetime) -> Figure:
    entries = Entry.objects.of_everyone().filter(kind=Entry.Kind.REFUND, created_at__gte=midnight)
    sums = entries.aggregate(count=Count("pk"), amount=Coalesce(Sum("amount"), 0))
    text = f"{number(sums['count'])} · {format_money(sums['amount'])}" if sums["count"] else number(0)
    address = reverse("admin:billing_entry_changelist") + f"?kind__exact={Entry.Kind.REFUND}"
    return Figure(_("Refunds today"), text, address)


def _drifted() -> list[Figure]:
    """Return the versions on sale in whose last week something has drifted."""
    found = []
    for ref, week in on_sale_last_week():
        names = [one.name for one in week.measured if one.is_drifted]
        if names:
            model = ScoringModel.objects.get(slug=ref.slug)
            address = reverse("admin:predictions_scoringmodel_drift", args=[model.pk])
            label = _("Drift last week: %(model)s") % {"model": model}
            found.append(Figure(label, number(len(names)), address, is_alarming=True))
    return found
