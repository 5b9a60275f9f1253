"""The admin page of a model's drift: the weeks of a version, and one field of one week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from predictions import catalog
from predictions.admin.refusals import forbidden
from predictions.formats.drift import bin_labels, field_label, psi_text
from predictions.formats.numbers import plain_percent, score, svg_length
from predictions.lifecycle import checks
from predictions.lifecycle.drift_report import Measured, VersionWeek, this_week, weeks_of
from predictions.models import DriftWeek, ScoringModel
from predictions.models.drift import WEEK
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.bins import DRIFTED, MIN_ROWS, SCORE, WATCH, Bins, bins_of

WEEKS = 8


class DriftForm(forms.Form):
    """What the address asks for. What is no date, and what there is not, is not asked for."""

    version = forms.CharField(max_length=50, required=False)
    before = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    field = forms.CharField(max_length=50, required=False)
    week = forms.DateField(required=False, input_formats=["%Y-%m-%d"])

    def value(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)


@dataclass(frozen=True)
class Cell:
    """A field in a week. `measured` is None if that week did not count it."""

    week: VersionWeek
    measured: Measured | None

    @property
    def psi(self) -> str:
        return psi_text(self.measured.shift.psi) if self.measured else ""


@dataclass(frozen=True)
class FieldRow:
    name: str
    label: str
    cells: list[Cell]


@dataclass(frozen=True)
class BinRow:
    """A bin, with shares as texts. Lengths are those of bars that are at most 100 long."""

    label: str
    expected: str
    actual: str
    rows: int
    expected_length: str
    actual_length: str


class DriftPages(ModelAdmin[ScoringModel]):
    """Adds the page of drift to the admin of models."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.drift_view)
        return [
            path("<int:pk>/drift/", view, name="predictions_scoringmodel_drift"),
            *super().get_urls(),
        ]

    def drift_link(self, model: ScoringModel) -> str:
        address = reverse("admin:predictions_scoringmodel_drift", args=[model.pk])
        return format_html('<a href="{}">{}</a>', address, _("By week"))

    drift_link.short_description = gettext_lazy("drift")  # type: ignore[attr-defined]

    def drift_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        model = get_object_or_404(ScoringModel, pk=pk)
        if not self.has_view_permission(request, model):
            return forbidden(request, _("You do not have permission to see models."))
        form = DriftForm(request.GET)
        refs = _versions(model)
        ref = next((ref for ref in refs if ref.version == form.value("version")), refs[0] if refs else None)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Drift of %(model)s") % {"model": model},
            "model": model,
            "versions": [one.version for one in refs],
            "ref": ref,
            "min_rows": MIN_ROWS,
            "watch": score(WATCH, 2),
            "drifted": score(DRIFTED, 2),
            **(_version_context(model, ref, form) if ref else {}),
        }
        return render(request, "admin/predictions/drift.html", context)


def _versions(model: ScoringModel) -> list[ArtifactRef]:
    """Return the version on sale, then the others that are stored or counted, the newest first."""
    period = catalog.period_on_sale(model)
    counted = DriftWeek.objects.filter(model=model).order_by("-week")
    refs = [
        *([period.ref] if period else []),
        *checks.listed(model),
        *(
            ArtifactRef(model.slug, version, sha256)
            for version, sha256 in counted.values_list("version", "artifact_sha256")
        ),
    ]
    return list(dict.fromkeys(refs))


def _version_context(model: ScoringModel, ref: ArtifactRef, form: DriftForm) -> dict[str, Any]:
    try:
        bins = bins_of(settings.ARTIFACTS_DIR, ref)
    except ArtifactError as error:
        return {"problem": str(error)}
    if bins is None:
        return {"has_no_bins": True}
    before = form.value("before") or this_week() + WEEK
    found = weeks_of(model, ref, bins, before=before, count=WEEKS + 1)
    weeks = found[:WEEKS]
    return {
        "weeks": weeks,
        "earlier": weeks[-1].week.isoformat() if len(found) > WEEKS else "",
        "later": form.value("before") is not None and before < this_week() + WEEK,
        "before": form.value("before"),
        "fields": _field_rows(bins, weeks),
        "detail": _detail(bins, weeks, form),
    }


def _field_rows(bins: Bins, weeks: Sequence[VersionWeek]) -> list[FieldRow]:
    by_week = [(week, {one.name: one for one in week.measured}) for week in weeks]
    return [
        FieldRow(
            field.name,
            field_label(field.name),
            [Cell(week, measured.get(field.name)) for week, measured in by_week],
        )
        for field in bins.fields
    ]


def _detail(bins: Bins, weeks: Sequence[VersionWeek], form: DriftForm) -> dict[str, Any] | None:
    """Return one field of one week: those asked for, else the score of the newest week that is over."""
    if not weeks:
        return None
    over = next((week for week in weeks if week.is_over), weeks[0])
    week = next((week for week in weeks if week.week == form.value("week")), over)
    names = [field.name for field in bins.fields]
    name = form.value("field") if form.value("field") in names else SCORE
    found = next((one for one in week.measured if one.name == name), None)
    if found is None:
        return None
    return {
        "label": field_label(name),
        "week": week,
        "last_day": last_day(week.week),
        "measured": found,
        "psi": score(found.shift.psi),
        "raw": score(found.shift.raw),
        "noise": score(found.shift.noise),
        "bins": _bin_rows(found),
    }


def last_day(week: date) -> date:
    return week + timedelta(days=6)


def _bin_rows(found: Measured) -> list[BinRow]:
    """Return the bins, without the last one if nobody was ever in it."""
    before, now = sum(found.bins.rows), max(sum(found.counts), 1)
    shares = [(a / before, b / now) for a, b in zip(found.bins.rows, found.counts, strict=True)]
    longest = max(max(pair) for pair in shares)
    rows = [
        BinRow(
            label=label,
            expected=plain_percent(expected),
            actual=plain_percent(actual),
            rows=count,
            expected_length=svg_length(expected / longest),
            actual_length=svg_length(actual / longest),
        )
        for label, (expected, actual), count in zip(bin_labels(found.bins), shares, found.counts, strict=True)
    ]
    return rows if any(shares[-1]) else rows[:-1]
