"""What goes over the wire; the applicant's rules are the schema's."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from billing.api import CurrencyField, MoneyField
from billing.money import to_text
from predictions.api.schema import applicant_schema
from predictions.catalog import Offer
from predictions.explaining import Explanation
from predictions.exploring import Check
from predictions.labeling import checked_label
from predictions.models import LABEL_LENGTH, Comparison, Prediction, ScoringModel
from predictions.scoring.parsing import InvalidApplicant, parse_applicant
from predictions.scoring.schema import EXAMPLE, Applicant
from predictions.scoring.what_if import CURVE_FIELDS, CurvePoint, Cut
from predictions.texts import problem_text, range_warnings

LABEL_HELP = "the customer's own, for finding it again; no model sees it"


class OfferSerializer(serializers.Serializer[Offer]):
    slug = serializers.SlugField(source="model.slug")
    name = serializers.CharField(source="model.name")
    description = serializers.CharField(source="model.description")
    price = MoneyField(source="model.price", read_only=True)
    currency = CurrencyField()
    version = serializers.CharField(allow_null=True, help_text="null: it cannot be bought now")
    metrics = serializers.DictField(child=serializers.FloatField())


class OfferPageSerializer(serializers.Serializer[Any]):
    """The catalog fits on one page, in the shape that all lists have."""

    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = OfferSerializer(many=True)


@extend_schema_field(applicant_schema())
class ApplicantField(serializers.Field[Applicant, Any, Any, Any]):
    default_error_messages = {"not_an_object": _("Send an object with the fields of the applicant.")}

    def to_internal_value(self, data: Any) -> Applicant:
        if not isinstance(data, dict):
            self.fail("not_an_object")
        try:
            return parse_applicant(data)
        except InvalidApplicant as invalid:
            raise serializers.ValidationError(
                {bad.field: [ErrorDetail(problem_text(bad), bad.code)] for bad in invalid.problems}
            ) from invalid

    def to_representation(self, value: Applicant) -> Applicant:
        return value


class LabelField(serializers.CharField):
    """The rules are `labeling`'s; anything but text is refused."""

    def __init__(self, **options: Any) -> None:
        options |= {"max_length": LABEL_LENGTH, "allow_blank": True, "help_text": LABEL_HELP}
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return checked_label(data)


class LabelSerializer(serializers.Serializer[Prediction]):
    label = LabelField()  # type: ignore[assignment]  # not the field's own label


class OrderSerializer(serializers.Serializer[Prediction]):
    model = serializers.CharField(initial="catboost")
    applicant = ApplicantField(initial=EXAMPLE)
    label = LabelField(required=False)  # type: ignore[assignment]

    def validate_model(self, slug: str) -> ScoringModel:
        model = {model.slug: model for model in ScoringModel.objects.all()}.get(slug)
        if model is None:
            raise serializers.ValidationError(_("There is no such model."), "unknown_model")
        return model


class ChargeSerializer(serializers.Serializer[Prediction]):
    entry_id = serializers.UUIDField(source="charge.public_id")
    state = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=["charged", "refunded"]))
    def get_state(self, prediction: Prediction) -> str:
        return "refunded" if prediction.is_refunded else "charged"


class FailureSerializer(serializers.Serializer[Prediction]):
    code = serializers.CharField(source="failure")
    detail = serializers.CharField(source="get_failure_display")


class WarningSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()


class PredictionSerializer(serializers.ModelSerializer[Prediction]):
    model = serializers.CharField(source="model.slug")
    applicant = ApplicantField()
    approval_probability = serializers.FloatField(allow_null=True)
    default_probability = serializers.FloatField(allow_null=True)
    price = MoneyField()
    currency = CurrencyField()
    charge = ChargeSerializer(source="*")
    failure = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()

    class Meta:
        model = Prediction
        fields = [
            "id",
            "model",
            "model_version",
            "status",
            "label",
            "applicant",
            "approval_probability",
            "default_probability",
            "price",
            "currency",
            "charge",
            "created_at",
            "finished_at",
            "failure",
            "warnings",
        ]
        read_only_fields = fields

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_failure(self, prediction: Prediction) -> dict[str, Any] | None:
        return FailureSerializer(prediction).data if prediction.failure else None

    @extend_schema_field(WarningSerializer(many=True))
    def get_warnings(self, prediction: Prediction) -> list[dict[str, str]]:
        return range_warnings(prediction.facts)


class ComparisonOrderSerializer(serializers.Serializer[Comparison]):
    applicant = ApplicantField(initial=EXAMPLE)
    label = LabelField(required=False)  # type: ignore[assignment]


class ComparisonSerializer(serializers.ModelSerializer[Comparison]):
    """`price` is the sum of the parts; a part that fails is refunded on its own."""

    applicant = ApplicantField()
    status = serializers.SerializerMethodField()
    price = serializers.SerializerMethodField()
    currency = CurrencyField()
    predictions = PredictionSerializer(many=True)

    class Meta:
        model = Comparison
        fields = [
            "id",
            "status",
            "label",
            "applicant",
            "price",
            "currency",
            "discount_percent",
            "created_at",
            "predictions",
        ]
        read_only_fields = fields

    @extend_schema_field(serializers.ChoiceField(choices=["running", "completed"]))
    def get_status(self, comparison: Comparison) -> str:
        parts = comparison.predictions.all()
        return "running" if any(part.is_pending for part in parts) else "completed"

    @extend_schema_field(serializers.CharField())
    def get_price(self, comparison: Comparison) -> str:
        return to_text(sum(part.price for part in comparison.predictions.all()))


class PredictionFilterSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=Prediction.Status.choices, required=False, allow_blank=True)
    model = serializers.SlugField(required=False, allow_blank=True)


class ContributionSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    value = serializers.JSONField()
    contribution = serializers.FloatField()


class ReasonSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    field = serializers.CharField()
    text = serializers.CharField()


class ExplanationSerializer(serializers.Serializer[Explanation]):
    """`base` and the contributions add up to `approval_probability`."""

    base = serializers.FloatField()
    approval_probability = serializers.FloatField()
    contributions = ContributionSerializer(many=True)
    reasons = ReasonSerializer(many=True)


class ChangesSerializer(serializers.Serializer[Any]):
    """At least one of the two questions; the cut is asked of the bought loan, not of the changed one."""

    changes = serializers.DictField(required=False)
    goal = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        help_text="find the smallest cut of the amount that reaches this",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"changes": [_("This field is required.")]}, "required")
        return attrs


class CutSerializer(serializers.Serializer[Cut]):
    amount = serializers.IntegerField()
    cut = serializers.IntegerField()
    approval_probability = serializers.FloatField()


class WhatIfSerializer(serializers.Serializer[Any]):
    applicant = ApplicantField()
    approval_probability = serializers.FloatField()
    default_probability = serializers.FloatField()
    cut = CutSerializer(allow_null=True, required=False, help_text="null: no cut reaches the goal")


class CurveQuerySerializer(serializers.Serializer[Any]):
    field = serializers.ChoiceField(choices=CURVE_FIELDS)


class CurvePointSerializer(serializers.Serializer[CurvePoint]):
    value = serializers.FloatField()
    approval_probability = serializers.FloatField()


class CurveSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    points = CurvePointSerializer(many=True)


class CheckSerializer(serializers.Serializer[Check]):
    """`same`: the stored input through the stored artifact gives the sold number to the last bit."""

    same = serializers.BooleanField()
    approval_probability = serializers.FloatField()
    model_version = serializers.CharField()
    artifact_sha256 = serializers.CharField()
