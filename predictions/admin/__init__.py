"""Admin pages of the catalog and the predictions; actions call `orders.operator`."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db.models import BooleanField, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html_join
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.admin_lists import LargeListAdmin, ReadOnlyAdmin, ids_in, link_to, user_ids
from accounts.keyset import NEWEST_FIRST
from accounts.requests import current_user
from billing.money import format_money
from predictions import catalog
from predictions.admin import outcomes, policies, trainings
from predictions.admin.challengers import ChallengerPages
from predictions.admin.drift import DriftPages
from predictions.admin.refunds import RefundForm, refund_page
from predictions.admin.versions import VersionPages
from predictions.formats.applicants import in_words
from predictions.formats.numbers import percent
from predictions.models import (
    Batch,
    BatchQuerySet,
    Prediction,
    PredictionQuerySet,
    ScoringModel,
    VolumeDiscount,
)
from predictions.orders import operator
from predictions.scoring.schema import FIELDS

# Their admin pages are registered when they are imported.
__all__ = ["outcomes", "policies", "trainings"]


@admin.register(ScoringModel)
class ScoringModelAdmin(VersionPages, ChallengerPages, DriftPages):
    list_display = ("slug", "name_en", "shown_price", "active", "versions_link", "drift_link", "artifact")
    list_editable = ("active",)
    readonly_fields = ("slug", "versions_link", "drift_link", "artifact")
    # The checkboxes of the list have no label beside them.
    formfield_overrides: ClassVar = {
        BooleanField: {"widget": forms.CheckboxInput(attrs={"aria-label": _("for sale")})}
    }

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Never: a model needs an artifact and code that reads it."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: ScoringModel | None = None) -> bool:
        """Never: predictions refer to it. Take it off sale instead."""
        return False

    @admin.display(description=_("price"), ordering="price")
    def shown_price(self, model: ScoringModel) -> str:
        return format_money(model.price)

    @admin.display(description=_("artifact"))
    def artifact(self, model: ScoringModel) -> str:
        return catalog.problem_of(model) or str(_("OK"))


class IndexedStatusFilter(admin.ChoicesFieldListFilter):
    """Filters by status or failure, with the condition of the partial index that has these rows."""

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        chosen = set(self.lookup_val or ())
        if chosen & set(Prediction.PENDING):
            queryset = queryset.pending()
        elif chosen - {Prediction.Status.SUCCEEDED}:
            queryset = queryset.without_result()
        return super().queryset(request, queryset)


@admin.register(Prediction)
class PredictionAdmin(LargeListAdmin, ReadOnlyAdmin):
    sort_order = NEWEST_FIRST
    list_display = (
        "created_at",
        "customer",
        "shown_model",
        "status",
        "shown_probability",
        "shown_price",
        "refunded",
    )
    # Without the label: the site tells customers that nobody else sees their labels.
    fields = (
        *list_display,
        "shown_charge",
        "model_version",
        "artifact_sha256",
        "shown_applicant",
        "failure",
        "attempts",
        "scoring_ms",
        "queued_at",
        "claimed_at",
        "finished_at",
    )
    list_filter = (
        ("status", IndexedStatusFilter),
        "model",
        ("failure", IndexedStatusFilter),
        "created_at",
    )
    search_help_text = _("Username, email or ID")
    list_prefetch_related = ("user", "model", "charge__reversal")
    actions = ("retry", "refund")

    def of_everyone(self, rows: PredictionQuerySet) -> PredictionQuerySet:
        return rows.of_everyone()

    def found(self, term: str) -> Q:
        if users := user_ids(term):
            return Q(user__in=users)
        return Q(pk__in=ids_in(term))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Reject filters on the label in the address, which would reveal it letter by letter."""
        return "label" not in lookup and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    @admin.display(description=_("price"))
    def shown_price(self, prediction: Prediction) -> str:
        return format_money(prediction.price)

    @admin.display(description=_("charge"))
    def shown_charge(self, prediction: Prediction) -> str:
        return link_to(prediction.charge)

    @admin.display(description=_("model"))
    def shown_model(self, prediction: Prediction) -> str:
        return str(prediction.model)

    @admin.display(description=_("probability of approval"))
    def shown_probability(self, prediction: Prediction) -> str:
        probability = prediction.approval_probability
        return "—" if probability is None else percent(probability)

    @admin.display(description=_("applicant"))
    def shown_applicant(self, prediction: Prediction) -> str:
        facts = prediction.facts
        known = [field for field in FIELDS if field.name in facts]
        lines = ((gettext(field.label), in_words(field, facts[field.name])) for field in known)
        return format_html_join("", "<div>{}: {}</div>", lines)

    @admin.display(description=_("refunded"), boolean=True)
    def refunded(self, prediction: Prediction) -> bool:
        return prediction.is_refunded

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("predictions.change_prediction")

    @admin.action(
        description=_("Retry: resend pending ones to the workers, rerun failed ones at our cost"),
        permissions=["operate"],
    )
    def retry(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> None:
        done = sum(operator.retry(prediction, operator=current_user(request)) for prediction in queryset)
        text = ngettext("%(count)d prediction retried.", "%(count)d predictions retried.", done)
        messages.info(request, text % {"count": done})

    @admin.action(description=_("Refund the selected predictions"), permissions=["operate"])
    def refund(self, request: HttpRequest, queryset: QuerySet[Prediction]) -> HttpResponse | None:
        """Ask for a reason first, and show what is refunded to whom."""
        form = RefundForm.of(request)
        if not form.is_valid():
            return refund_page(self, request, form, queryset, operator.refundable)
        reason, by = form.cleaned_data["reason"], current_user(request)
        done = sum(operator.refund(prediction, operator=by, reason=reason) for prediction in queryset)
        text = ngettext("%(count)d prediction refunded.", "%(count)d predictions refunded.", done)
        messages.info(request, text % {"count": done})
        return None


@admin.register(VolumeDiscount)
class VolumeDiscountAdmin(admin.ModelAdmin[VolumeDiscount]):
    list_display = ("rows_from", "percent")
    list_editable = ("percent",)


@admin.register(Batch)
class BatchAdmin(LargeListAdmin, ReadOnlyAdmin):
    sort_order = NEWEST_FIRST
    list_display = (
        "created_at",
        "customer",
        "shown_model",
        "status",
        "rows",
        "done_rows",
        "shown_price",
        "refunded",
    )
    # Without the label and the name of the file, which are the customer's.
    fields = (
        *list_display,
        "model_version",
        "artifact_sha256",
        "failure",
        "valid_rows",
        "failed_rows",
        "discount_percent",
        "quoted_at",
        "expires_at",
        "confirmed_at",
        "finished_at",
        "purged_at",
    )
    search_help_text = _("Username, email or ID")
    list_prefetch_related = ("user", "model", "charge__reversal")
    actions = ("retry", "refund")

    def of_everyone(self, rows: BatchQuerySet) -> BatchQuerySet:
        return rows.of_everyone()

    def found(self, term: str) -> Q:
        if users := user_ids(term):
            return Q(user__in=users)
        return Q(pk__in=ids_in(term))

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Reject filters on what the customer wrote, which would reveal it letter by letter."""
        hidden = "label" in lookup or "file_name" in lookup
        return not hidden and super().lookup_allowed(lookup, value, request)  # type: ignore[arg-type]

    @admin.display(description=_("model"))
    def shown_model(self, batch: Batch) -> str:
        return str(batch.model)

    @admin.display(description=_("price"))
    def shown_price(self, batch: Batch) -> str:
        return "" if batch.price is None else format_money(batch.price)

    @admin.display(description=_("refunded"))
    def refunded(self, batch: Batch) -> str:
        return format_money(batch.refunded) if batch.refunded else ""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("predictions.change_batch")

    @admin.action(
        description=_("Retry: take open ones back from the workers, check or score failed ones at our cost"),
        permissions=["operate"],
    )
    def retry(self, request: HttpRequest, queryset: QuerySet[Batch]) -> None:
        done = sum(operator.retry_file(batch, operator=current_user(request)) for batch in queryset)
        text = ngettext("%(count)d file retried.", "%(count)d files retried.", done)
        messages.info(request, text % {"count": done})

    @admin.action(
        description=_("Stop the selected files and refund their rows without a result"),
        permissions=["operate"],
    )
    def refund(self, request: HttpRequest, queryset: BatchQuerySet) -> HttpResponse | None:
        """Ask for a reason first, and show what is refunded to whom."""
        form = RefundForm.of(request)
        if not form.is_valid():
            return refund_page(self, request, form, queryset.with_progress(), operator.refundable_of_file)
        reason, by = form.cleaned_data["reason"], current_user(request)
        done = sum(operator.refund_file(batch, operator=by, reason=reason) for batch in queryset)
        text = ngettext("%(count)d file refunded.", "%(count)d files refunded.", done)
        messages.info(request, text % {"count": done})
        return None
