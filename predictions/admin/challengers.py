"""The admin page of a model's challenger: name one, compare it with the version on sale, end it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.requests import current_user
from predictions import catalog
from predictions.admin.refusals import PROMOTE, forbidden, refusal_text
from predictions.formats.numbers import plain_percent, svg_length
from predictions.lifecycle import challengers, checks, comparison
from predictions.lifecycle.comparison import BINS, MIN_PAIRS, Comparison
from predictions.lifecycle.sales import NotPromoted
from predictions.models import Challenge, ScoringModel
from predictions.models.versions import MAX_REASON_LENGTH

THRESHOLD_PERCENT = 50


class ChallengeForm(forms.Form):
    version = forms.ChoiceField(label=gettext_lazy("Version"))
    share_percent = forms.IntegerField(
        label=gettext_lazy("Share of orders, percent"), min_value=1, max_value=100, initial=10
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=MAX_REASON_LENGTH)

    def __init__(self, data: Any, versions: list[str], version: str = "") -> None:
        super().__init__(data, initial={"version": version})
        self.fields["version"] = forms.ChoiceField(
            label=gettext_lazy("Version"), choices=[(version, version) for version in versions]
        )


class ThresholdForm(forms.Form):
    threshold = forms.DecimalField(min_value=0, max_value=100, decimal_places=1)

    def value(self) -> float:
        """Return the threshold as a probability; the usual one for anything that is not one."""
        return float(self.cleaned_data["threshold"] if self.is_valid() else THRESHOLD_PERCENT) / 100


@dataclass(frozen=True)
class BinRow:
    """A part of the distributions. Lengths are those of bars that are at most 100 long."""

    label: str
    champion: int
    challenger: int
    champion_length: str
    challenger_length: str


class ChallengerPages(ModelAdmin[ScoringModel]):
    """Adds the page of the challenger to the admin of models."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.challenger_view)
        return [
            path("<int:pk>/challenger/", view, name="predictions_scoringmodel_challenger"),
            *super().get_urls(),
        ]

    def challenger_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        model = get_object_or_404(ScoringModel, pk=pk)
        if not self.has_view_permission(request, model):
            return forbidden(request, _("You do not have permission to see models."))
        form = ChallengeForm(request.POST or None, _candidates(model), request.GET.get("version", ""))
        if request.method == "POST":
            if not request.user.has_perm(PROMOTE):
                return forbidden(request, _("You do not have permission to put versions on sale."))
            if "end" in request.POST or form.is_valid():
                self._change(request, model, form)
                return redirect(reverse("admin:predictions_scoringmodel_challenger", args=[pk]))
        context = self._challenger_context(request, model) | {"form": form}
        return render(request, "admin/predictions/challenger.html", context)

    def _change(self, request: HttpRequest, model: ScoringModel, form: ChallengeForm) -> None:
        """End the challenge, or begin the one in the form, and say what became of it."""
        if "end" in request.POST:
            if challengers.end(model):
                self.log_change(request, model, "Challenge ended")
                messages.success(request, _("The challenge has ended. Its scores are kept."))
            return
        try:
            begun = challengers.begin(model, operator=current_user(request), **form.cleaned_data)
        except NotPromoted as refusal:
            messages.error(request, refusal_text(refusal))
            return
        text = f"Version {begun.version} challenges with {begun.share_percent}% of orders: {begun.reason}"
        self.log_change(request, model, text)
        messages.success(request, _("Version %(version)s is the challenger.") % {"version": begun.version})

    def _challenger_context(self, request: HttpRequest, model: ScoringModel) -> dict[str, Any]:
        running = (
            Challenge.objects.filter(current_of=model).select_related("model__on_sale", "begun_by").first()
        )
        threshold = ThresholdForm(request.GET).value()
        compared = None
        if running and catalog.period_on_sale(model):
            pairs, failed = comparison.pairs_of(running)
            compared = comparison.compare(pairs, threshold, failed)
        period = catalog.period_on_sale(model)
        return {
            **self.admin_site.each_context(request),
            "title": _("Challenger of %(model)s") % {"model": model},
            "model": model,
            "challenge": running,
            "on_sale": period,
            "seen": period.number if period else 0,
            "compared": compared,
            "enough": compared is not None and compared.count >= MIN_PAIRS,
            "min_pairs": MIN_PAIRS,
            "bins": _bin_rows(compared) if compared else [],
            "threshold": threshold,
            "threshold_percent": f"{threshold * 100:g}",
            "may_promote": request.user.has_perm(PROMOTE),
            "max_reason": MAX_REASON_LENGTH,
        }


def _candidates(model: ScoringModel) -> list[str]:
    """Return the stored versions that are not on sale, the newest first."""
    period = catalog.period_on_sale(model)
    return [ref.version for ref in checks.listed(model) if period is None or ref.version != period.version]


def _bin_rows(compared: Comparison) -> list[BinRow]:
    longest = max(*compared.champion_bins, *compared.challenger_bins, 1)
    return [
        BinRow(
            label=f"{plain_percent(at / BINS, 0)} – {plain_percent((at + 1) / BINS, 0)}",
            champion=champion,
            challenger=challenger,
            champion_length=svg_length(champion / longest),
            challenger_length=svg_length(challenger / longest),
        )
        for at, (champion, challenger) in enumerate(
            zip(compared.champion_bins, compared.challenger_bins, strict=True)
        )
    ]
