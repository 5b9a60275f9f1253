"""The admin page of a model's versions: what is on sale, what was, and the change from one to another."""

from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.admin import ModelAdmin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.requests import current_user
from predictions.admin.refusals import PROMOTE, TRAIN, forbidden, refusal_text
from predictions.lifecycle import sales, states
from predictions.models import SalePeriod, ScoringModel
from predictions.models.versions import MAX_REASON_LENGTH


class PromotionForm(forms.Form):
    """`seen` is the period that the page has shown as the current one."""

    version = forms.CharField(max_length=50)
    seen = forms.IntegerField(min_value=0)
    reason = forms.CharField(max_length=MAX_REASON_LENGTH)


class VersionPages(ModelAdmin[ScoringModel]):
    """Adds the page of versions to the admin of models."""

    def get_urls(self) -> list[URLPattern]:
        versions = self.admin_site.admin_view(self.versions_view)
        return [
            path("<int:pk>/versions/", versions, name="predictions_scoringmodel_versions"),
            *super().get_urls(),
        ]

    @staticmethod
    def versions_url(model: ScoringModel) -> str:
        return reverse("admin:predictions_scoringmodel_versions", args=[model.pk])

    def versions_link(self, model: ScoringModel) -> str:
        period = getattr(model, "on_sale", None)
        text = period.version if period else _("None on sale")
        return format_html('<a href="{}">{}</a>', self.versions_url(model), text)

    versions_link.short_description = gettext_lazy("version on sale")  # type: ignore[attr-defined]

    def versions_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        model = get_object_or_404(ScoringModel, pk=pk)
        if not self.has_view_permission(request, model):
            return forbidden(request, _("You do not have permission to see models."))
        if request.method == "POST":
            return self._promote(request, model)
        return render(request, "admin/predictions/versions.html", self._versions_context(request, model))

    def _versions_context(self, request: HttpRequest, model: ScoringModel) -> dict[str, Any]:
        periods = list(
            SalePeriod.objects.filter(model=model).order_by("-number").select_related("model", "changed_by")
        )
        return {
            **self.admin_site.each_context(request),
            "title": _("Versions of %(model)s") % {"model": model},
            "model": model,
            "versions": states.versions_of(model, periods),
            "periods": _with_ends(periods),
            "previous": states.previous_version(periods),
            "seen": periods[0].number if periods else 0,
            "may_promote": request.user.has_perm(PROMOTE),
            "may_train": request.user.has_perm(TRAIN),
            "max_reason": MAX_REASON_LENGTH,
        }

    def _promote(self, request: HttpRequest, model: ScoringModel) -> HttpResponse:
        """Put a version on sale, say what became of it, and show the page again."""
        if not request.user.has_perm(PROMOTE):
            return forbidden(request, _("You do not have permission to put versions on sale."))
        form = PromotionForm(request.POST)
        if not form.is_valid():
            messages.error(request, _("Nothing has changed: give a reason."))
            return redirect(self.versions_url(model))
        version, reason = form.cleaned_data["version"], form.cleaned_data["reason"]
        try:
            period = sales.promote(
                model,
                version,
                operator=current_user(request),
                reason=reason,
                seen=form.cleaned_data["seen"],
            )
        except sales.NotPromoted as refusal:
            messages.error(request, refusal_text(refusal))
        else:
            self.log_change(request, model, f"Version {period.version} put on sale: {reason}")
            messages.success(request, _("Version %(version)s is on sale.") % {"version": version})
        return redirect(self.versions_url(model))


def _with_ends(periods: list[SalePeriod]) -> list[tuple[SalePeriod, Any]]:
    """Return each period with its end, None for the current one. `periods`: the last one first."""
    ends = [None, *(period.since for period in periods)]
    return list(zip(periods, ends, strict=False))
