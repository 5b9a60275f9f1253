"""API serializers of files."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.reverse import reverse

from accounts.api_input import Body, ChoiceField, TextField, body_of
from accounts.pagination import PageQuery
from billing.api import CurrencyField, MoneyField
from predictions.api import examples
from predictions.api.serializers import LabelField, ModelField
from predictions.batches.intake import unusable_text
from predictions.models import MAX_LABEL_LENGTH, Batch

FLAGS = {"1": True, "true": True, "0": False, "false": False, "": False}
CONTRADICTIONS = ["refuse", "recompute"]


@extend_schema_field({"type": "string", "enum": ["1", "0"]})
class FlagField(serializers.Field[bool, Any, bool, Any]):
    """Yes or no in a form."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("Enter 1 or 0.")}

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, str) or data.lower() not in FLAGS:
            self.fail("invalid")
        return FLAGS[data.lower()]

    def to_representation(self, value: bool) -> bool:
        return value


class UploadSerializer(Body[Batch]):
    example: ClassVar = examples.UPLOAD
    file = serializers.FileField(help_text=_("CSV or XLSX, up to 1,000,000 rows and 200 MB."))
    model = ModelField(help_text=_("The `slug` of a model on sale."))
    label = LabelField(required=False)  # type: ignore[assignment]  # a field, not the attribute of `Field`
    reasons = FlagField(required=False, help_text=_("`1` adds reason codes, at the surcharge of the model."))
    on_contradiction = ChoiceField(
        choices=CONTRADICTIONS,
        required=False,
        help_text=_("`recompute` corrects a share of income that contradicts amount and income."),
    )


class BatchChargeSerializer(serializers.Serializer[Batch]):
    entry_id = serializers.UUIDField(source="charge.public_id")
    state = serializers.SerializerMethodField()
    refunded = MoneyField(help_text=_("Price of the rows without a result, once the file is finished."))

    @extend_schema_field(
        serializers.ChoiceField(
            choices=["charged", "refunded"], help_text=_("`refunded`: all of it, as no row got a result.")
        )
    )
    def get_state(self, batch: Batch) -> str:
        return "refunded" if batch.refunded == batch.price else "charged"


class BatchFailureSerializer(serializers.Serializer[Batch]):
    code = serializers.CharField(source="failure")
    detail = serializers.SerializerMethodField()

    def get_detail(self, batch: Batch) -> str:
        text = str(batch.get_failure_display())
        return f"{text} {unusable_text(batch.failure_message)}" if batch.failure_message else text


class BatchDecisionsSerializer(serializers.Serializer[Batch]):
    approve = serializers.IntegerField()
    review = serializers.IntegerField()
    decline = serializers.IntegerField()


class BatchSerializer(serializers.ModelSerializer[Batch]):
    """`rows` and the price are null until the file is checked. `valid_rows` are paid for."""

    example: ClassVar = examples.BATCH
    model = serializers.CharField(source="model.slug")
    on_contradiction = serializers.SerializerMethodField()
    done_rows = serializers.IntegerField(source="done", help_text=_("Rows with a result so far."))
    failed_rows = serializers.IntegerField(source="failed", help_text=_("Valid rows that got no result."))
    decisions = BatchDecisionsSerializer(
        allow_null=True,
        help_text=_(
            "Results that your decision policy at payment approves, leaves to review and declines. "
            "Null without a policy and until the file is finished."
        ),
    )
    unit_price = MoneyField(allow_null=True)
    price = MoneyField(allow_null=True)
    currency = CurrencyField()
    charge = serializers.SerializerMethodField()
    files_deleted_at = serializers.DateTimeField(
        source="purged_at",
        allow_null=True,
        help_text=_("After this time, rows and results are deleted."),
    )
    errors_url = serializers.SerializerMethodField()
    results_url = serializers.SerializerMethodField()
    failure = serializers.SerializerMethodField()

    class Meta:
        model = Batch
        fields = [
            "id",
            "model",
            "model_version",
            "label",
            "file_name",
            "reasons",
            "on_contradiction",
            "status",
            "rows",
            "valid_rows",
            "done_rows",
            "failed_rows",
            "decisions",
            "unit_price",
            "discount_percent",
            "price",
            "currency",
            "charge",
            "created_at",
            "expires_at",
            "finished_at",
            "files_deleted_at",
            "errors_url",
            "results_url",
            "failure",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=CONTRADICTIONS))
    def get_on_contradiction(self, batch: Batch) -> str:
        return "recompute" if batch.recompute else "refuse"

    @extend_schema_field(BatchChargeSerializer(allow_null=True))
    def get_charge(self, batch: Batch) -> dict[str, Any] | None:
        return body_of(BatchChargeSerializer, batch) if batch.charge_id else None

    @extend_schema_field(serializers.URLField(allow_null=True, help_text=_("Null: there are none.")))
    def get_errors_url(self, batch: Batch) -> str | None:
        return self._address("api:batch-errors", batch) if batch.has_errors else None

    @extend_schema_field(serializers.URLField(allow_null=True, help_text=_("Null: there are none yet.")))
    def get_results_url(self, batch: Batch) -> str | None:
        return self._address("api:batch-results", batch) if batch.has_results else None

    def _address(self, route: str, batch: Batch) -> str:
        return reverse(route, [batch.pk], request=self.context["request"])

    @extend_schema_field(BatchFailureSerializer(allow_null=True))
    def get_failure(self, batch: Batch) -> dict[str, Any] | None:
        return body_of(BatchFailureSerializer, batch) if batch.failure else None


class BatchQuery(PageQuery[Batch]):
    status = ChoiceField(
        choices=Batch.Status.choices,
        required=False,
        allow_blank=True,
        help_text=_("Only files with this status."),
    )
    model = TextField(
        required=False, allow_blank=True, help_text=_("Only files for the model with this `slug`.")
    )
    label = TextField(  # type: ignore[assignment]  # a field, not the attribute of `Field`
        required=False,
        allow_blank=True,
        max_length=MAX_LABEL_LENGTH,
        help_text=_("Only files whose label or name contains this text, in any case."),
    )


def batch_body(request: Request, batch: Batch) -> dict[str, Any]:
    """Return what a response to `request` says of the file."""
    body: dict[str, Any] = BatchSerializer(context={"request": request}).to_representation(batch)
    return body
