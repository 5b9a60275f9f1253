"""Filters and sort orders of the history, and their titles."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, NamedTuple

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.keyset import SortOrder, parse_time
from predictions.models import (
    MAX_LABEL_LENGTH,
    NO_OUTCOME,
    Decision,
    DecisionPolicy,
    Prediction,
    PredictionQuerySet,
    Result,
)
from predictions.orders.labels import fold_label, validated_label
from predictions.site.forms.catalog import CatalogField


def _probability(text: str) -> float:
    value = float(text)
    if not 0 <= value <= 1:
        raise ValueError(text)
    return value


class Sort(NamedTuple):
    title: Promise
    caption: Promise
    order: SortOrder


SORTS = {
    "newest": Sort(
        _("Newest first"), _("Your predictions, newest first"), SortOrder("created_at", True, parse_time)
    ),
    "oldest": Sort(
        _("Oldest first"), _("Your predictions, oldest first"), SortOrder("created_at", False, parse_time)
    ),
    "highest": Sort(
        _("Highest probability first"),
        _("Your predictions, highest probability first"),
        SortOrder("approval_probability", True, _probability),
    ),
    "lowest": Sort(
        _("Lowest probability first"),
        _("Your predictions, lowest probability first"),
        SortOrder("approval_probability", False, _probability),
    ),
}


# Titles of active filters that differ from the labels of their fields.
TITLES = {"label": _("Label")}


def _start_of(day: date) -> datetime:
    """Return the first moment of the day in the reader's time zone."""
    moment = datetime.combine(day, time.min, timezone.get_current_timezone())
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        # The first and the last day that there is; nothing was ordered near them.
        return datetime.combine(day, time.min, UTC)


def _end_of(day: date) -> datetime:
    """Return the first moment after the day, which may have 23 or 25 hours."""
    return _start_of(day + timedelta(days=1)) if day < date.max else datetime.max.replace(tzinfo=UTC)


class HistoryFilterForm(forms.Form):
    """An invalid field shows its error and does not filter; valid fields do."""

    label = forms.CharField(
        label=_("Search labels"),
        required=False,
        widget=forms.TextInput(
            attrs={"type": "search", "autocomplete": "off", "maxlength": str(MAX_LABEL_LENGTH)}
        ),
    )
    status = forms.ChoiceField(
        label=_("Status"), required=False, choices=[("", _("All")), *Prediction.Status.choices]
    )
    model = CatalogField()
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[("", _("All")), *Result.choices, (NO_OUTCOME, _("Not reported"))],
    )
    sort = forms.ChoiceField(
        label=_("Sort"), required=False, choices=[(name, sort.title) for name, sort in SORTS.items()]
    )
    since = forms.DateField(
        label=_("From"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=_("To"),
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
    )
    comparisons = forms.BooleanField(label=_("Only from comparisons"), required=False)
    decision = forms.ChoiceField(
        label=_("Decision"), required=False, choices=[("", _("All")), *Decision.choices]
    )

    def __init__(self, data: Mapping[str, Any], *, policy: DecisionPolicy | None) -> None:
        super().__init__(data)
        self.policy = policy
        # Named, because the zone of the browser may be another one.
        zone = timezone.get_current_timezone_name().replace("_", " ")
        for name in ("since", "until"):
            self.fields[name].label = f"{self.fields[name].label} ({zone})"
        if policy is None:
            # Without a policy there are no decisions to choose from.
            del self.fields["decision"]

    def clean_label(self) -> str:
        """Raises `ValidationError` for text that cannot be a label."""
        return validated_label(self.cleaned_data["label"])

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", _("This date is before the start date."))
        return self.cleaned_data

    @property
    def chosen_sort(self) -> Sort:
        return SORTS[self.cleaned_data.get("sort") or "newest"]

    @property
    def of_results(self) -> bool:
        """True if rows are sorted by probability, so that only predictions with a result are listed."""
        return self.chosen_sort.order.column == "approval_probability"

    def narrow(self, rows: PredictionQuerySet) -> PredictionQuerySet:
        """Return the `rows` that match. Filters only by columns of the history's indexes."""
        filters = {name: value for name, value in self.cleaned_data.items() if value}
        status = filters.get("status")
        if self.of_results:
            # The index of results has no status, because every prediction with a result has succeeded.
            if status not in (None, Prediction.Status.SUCCEEDED):
                return rows.none()
            rows = rows.filter(approval_probability__isnull=False)
        elif status:
            rows = rows.with_status(status)
        if "model" in filters:
            rows = rows.filter(model=filters["model"])
        if "outcome" in filters:
            rows = rows.with_outcome(filters["outcome"])
        if "since" in filters:
            rows = rows.filter(created_at__gte=_start_of(filters["since"]))
        if "until" in filters:
            rows = rows.filter(created_at__lt=_end_of(filters["until"]))
        if "comparisons" in filters:
            rows = rows.filter(comparison__isnull=False)
        if "decision" in filters and self.policy:
            rows = rows.filter(self.policy.condition(filters["decision"]))
        if "label" in filters:
            rows = rows.filter(label_folded__contains=fold_label(filters["label"]))
        return rows

    @property
    def active(self) -> list[tuple[str, str, str]]:
        """`(name, title, value)` of each active filter; the value of a checkbox is ""."""
        return [
            (name, str(TITLES.get(name, self.fields[name].label)), self._in_words(name, value))
            for name, value in self.cleaned_data.items()
            if value and name != "sort"
        ]

    def _in_words(self, name: str, value: object) -> str:
        if name == "status":
            return str(Prediction.Status(str(value)).label)
        if name == "decision":
            return str(Decision(str(value)).label)
        if name == "outcome":
            return str(dict(self.fields["outcome"].choices)[value])  # type: ignore[attr-defined]
        if isinstance(value, date):
            return date_format(value, "j E Y")
        return "" if value is True else str(value)
