"""Admin pages of outcomes, and the backtest of each version on those of all customers."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from accounts.admin_lists import LargeListAdmin, ReadOnlyAdmin, ids_in, user_ids
from accounts.keyset import SortOrder, parse_time
from predictions.models import FormerOutcome, Outcome
from predictions.outcomes import backtest_tables
from predictions.outcomes.backtest import MIN_OF_EACH, Backtest, backtest, versions


class FormerOutcomeInline(admin.TabularInline[FormerOutcome, Outcome]):
    model = FormerOutcome
    extra = 0
    can_delete = False
    fields = readonly_fields = ("result", "observed_on", "reported_at", "reported_by")
    ordering = ("-pk",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Outcome)
class OutcomeAdmin(LargeListAdmin, ReadOnlyAdmin):
    sort_order = SortOrder("reported_at", True, parse_time, parse_key=int)
    list_display = (
        *("reported_at", "user", "model", "model_version", "result", "observed_on"),
        *("approval_probability", "reported_by"),
    )
    search_help_text = _("Username, email or ID")
    list_prefetch_related = ("user", "model", "reported_by")
    change_list_template = "admin/predictions/outcomes.html"
    inlines = (FormerOutcomeInline,)
    # Whole tables of customers' rows would be read for their choices.
    raw_id_fields = ("prediction", "batch", "user", "reported_by")

    def found(self, term: str) -> Q:
        if users := user_ids(term):
            return Q(user__in=users)
        ids = ids_in(term)
        return Q(prediction__in=ids) | Q(batch__in=ids)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("backtests/", view(self.backtests), name="predictions_backtests"),
            path("backtests/<slug:slug>/<str:version>/", view(self.backtest), name="predictions_backtest"),
            path(
                "backtests/<slug:slug>/<str:version>/backtest.csv",
                view(self.backtest_csv),
                name="predictions_backtest_csv",
            ),
            path(
                "backtests/<slug:slug>/<str:version>/backtest.json",
                view(self.backtest_json),
                name="predictions_backtest_json",
            ),
        ]
        return [*own, *super().get_urls()]

    def backtests(self, request: HttpRequest) -> HttpResponse:
        """All versions with outcomes."""
        self._check(request)
        return self._page(request, "backtests", _("Backtests"), versions=versions())

    def backtest(self, request: HttpRequest, slug: str, version: str) -> HttpResponse:
        found = self._found(request, slug, version)
        return self._page(
            request, "backtest", f"{found.counts.model} {version}", backtest=found, min_of_each=MIN_OF_EACH
        )

    def backtest_csv(self, request: HttpRequest, slug: str, version: str) -> HttpResponse:
        headers = {
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="backtest-{slug}-{version}.csv"',
        }
        content = backtest_tables.as_csv(self._found(request, slug, version))
        return HttpResponse(content, headers=headers)

    def backtest_json(self, request: HttpRequest, slug: str, version: str) -> HttpResponse:
        return JsonResponse(backtest_tables.as_json(self._found(request, slug, version)))

    def _check(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _found(self, request: HttpRequest, slug: str, version: str) -> Backtest:
        self._check(request)
        for counts in versions():
            if (counts.model.slug, counts.version) == (slug, version):
                return backtest(counts)
        raise Http404

    def _page(self, request: HttpRequest, name: str, title: object, **context: object) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "title": title, **context}
        return render(request, f"admin/predictions/{name}.html", context)
