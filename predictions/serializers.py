"""What goes over the wire; the applicant's rules are the schema's."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from billing.api import CurrencyField, MoneyField
from predictions.api_schema import EXAMPLE, applicant_schema
from predictions.catalog import Offer
from predictions.models import Prediction, ScoringModel
from predictions.scoring.schema import Applicant, InvalidApplicant, parse_applicant
from predictions.texts import problem_text, range_warnings


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
            details = {
                problem.field: [serializers.ErrorDetail(problem_text(problem), problem.code)]
                for problem in invalid.problems
            }
            raise serializers.ValidationError(details) from invalid

    def to_representation(self, value: Applicant) -> Applicant:
        return value


class OrderSerializer(serializers.Serializer[Prediction]):
    model = serializers.CharField(initial="catboost")
    applicant = ApplicantField(initial=EXAMPLE)

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


class PredictionFilterSerializer(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=Prediction.Status.choices, required=False, allow_blank=True)
    model = serializers.SlugField(required=False, allow_blank=True)
