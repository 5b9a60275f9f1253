"""API serializers of the catalog, predictions and comparisons."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api_input import Body, ChoiceField, ShareField, TextField, body_of
from accounts.pagination import PageQuery
from billing.api import CurrencyField, MoneyField
from billing.money import to_text
from predictions.api import examples
from predictions.api.applicants import ApplicantField, WarningSerializer
from predictions.catalog import Offer
from predictions.formats.applicants import range_warnings
from predictions.models import (
    MAX_LABEL_LENGTH,
    NO_OUTCOME,
    Comparison,
    Decision,
    DecisionPolicy,
    Prediction,
    Result,
    ScoringModel,
)
from predictions.orders.labels import validated_label
from predictions.scoring.rounding import rounded
from predictions.scoring.schema import EXAMPLE

LABEL_HELP = _("Your own name for the prediction. The models do not use it.")


class OfferSerializer(serializers.Serializer[Offer]):
    example: ClassVar = examples.MODEL
    slug = serializers.SlugField(source="model.slug")
    name = serializers.CharField(source="model.name")
    description = serializers.CharField(source="model.description")
    price = MoneyField(source="model.price", read_only=True)
    currency = CurrencyField()
    version = serializers.CharField(allow_null=True, help_text=_("Null: it cannot be ordered now."))
    metrics = serializers.DictField(child=serializers.FloatField())


class OfferPageSerializer(serializers.Serializer[Any]):
    """The whole catalog as one page, in the format of all lists."""

    example: ClassVar = examples.MODELS
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = OfferSerializer(many=True)


class LabelField(TextField):
    """`orders.labels` validates it."""

    error_codes = ("max_length", "unfit_characters")

    def __init__(self, **options: Any) -> None:
        options |= {"max_length": MAX_LABEL_LENGTH, "allow_blank": True, "help_text": LABEL_HELP}
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return validated_label(data)


class LabelSerializer(Body[Prediction]):
    example: ClassVar = examples.LABEL
    label = LabelField()  # type: ignore[assignment]  # a field, not the attribute of `Field`


class ModelField(TextField):
    """The slug of a model in the catalog."""

    default_error_messages: ClassVar[dict[str, Any]] = {"unknown_model": _("Unknown model.")}

    def to_internal_value(self, data: Any) -> ScoringModel:  # type: ignore[override]
        slug = super().to_internal_value(data)
        model = {model.slug: model for model in ScoringModel.objects.all()}.get(slug)
        if model is None:
            self.fail("unknown_model")
        return model


class OrderSerializer(Body[Prediction]):
    example: ClassVar = examples.ORDER
    model = ModelField(initial="catboost", help_text=_("The `slug` of a model on sale."))
    applicant = ApplicantField(initial=EXAMPLE, help_text=_("The loan application."))
    label = LabelField(required=False)  # type: ignore[assignment]


class ProbabilityField(serializers.FloatField):
    """Rounded as it is sold."""

    def to_representation(self, value: float) -> float:  # type: ignore[override]  # the stubs have text
        return float(rounded(value))


class DefaultProbabilityField(serializers.FloatField):
    """The counterpart of a rounded `approval_probability`, so that the two add up to 1."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"source": "approval_probability"} | options)

    def to_representation(self, value: float) -> float:  # type: ignore[override]  # the stubs have text
        return float(1 - rounded(value))


class ChargeSerializer(serializers.Serializer[Prediction]):
    entry_id = serializers.UUIDField(source="charge.public_id")
    state = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ChoiceField(choices=["charged", "refunded"]))
    def get_state(self, prediction: Prediction) -> str:
        return "refunded" if prediction.is_refunded else "charged"


class FailureSerializer(serializers.Serializer[Prediction]):
    code = serializers.CharField(source="failure")
    detail = serializers.CharField(source="get_failure_display")


class PredictionSerializer(serializers.ModelSerializer[Prediction]):
    example: ClassVar = examples.PREDICTION
    model = serializers.CharField(source="model.slug")
    applicant = ApplicantField()
    approval_probability = ProbabilityField(allow_null=True)
    default_probability = DefaultProbabilityField(allow_null=True)
    decision = serializers.ChoiceField(
        choices=Decision.choices,
        allow_null=True,
        help_text=_("What your decision policy says now. Null without a result or a policy."),
    )
    price = MoneyField()
    currency = CurrencyField()
    charge = ChargeSerializer(source="*")
    failure = serializers.SerializerMethodField()
    warnings = serializers.SerializerMethodField()
    outcome = serializers.SerializerMethodField()
    observed_on = serializers.SerializerMethodField()

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
            "decision",
            "price",
            "currency",
            "charge",
            "created_at",
            "finished_at",
            "failure",
            "warnings",
            "outcome",
            "observed_on",
        ]
        read_only_fields = fields

    @extend_schema_field(FailureSerializer(allow_null=True))
    def get_failure(self, prediction: Prediction) -> dict[str, Any] | None:
        return body_of(FailureSerializer, prediction) if prediction.failure else None

    @extend_schema_field(WarningSerializer(many=True))
    def get_warnings(self, prediction: Prediction) -> list[dict[str, str]]:
        return range_warnings(prediction.facts)

    @extend_schema_field(
        serializers.ChoiceField(
            choices=Result.values, allow_null=True, help_text=_("Null: nothing was reported.")
        )
    )
    def get_outcome(self, prediction: Prediction) -> str | None:
        return prediction.reported.result if prediction.reported else None

    @extend_schema_field(serializers.DateField(allow_null=True))
    def get_observed_on(self, prediction: Prediction) -> str | None:
        day = prediction.reported and prediction.reported.observed_on
        return day.isoformat() if day else None


class PolicySerializer(Body[DecisionPolicy]):
    """Probabilities of approval. From `decline_below` to `approve_from` a person decides."""

    example: ClassVar = examples.POLICY
    approve_from = ShareField(help_text=_("From this probability on, the decision is `approve`."))
    decline_below = ShareField(help_text=_("Below this probability, the decision is `decline`."))


class ComparisonOrderSerializer(Body[Comparison]):
    example: ClassVar = examples.COMPARISON_ORDER
    applicant = ApplicantField(initial=EXAMPLE, help_text=_("The loan application."))
    label = LabelField(required=False)  # type: ignore[assignment]


class ComparisonSerializer(serializers.ModelSerializer[Comparison]):
    """`price` is the sum of the parts; a part that fails is refunded separately."""

    example: ClassVar = examples.COMPARISON
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


class PredictionQuery(PageQuery[Prediction]):
    status = ChoiceField(
        choices=Prediction.Status.choices,
        required=False,
        allow_blank=True,
        help_text=_("Only predictions with this status."),
    )
    model = TextField(
        required=False, allow_blank=True, help_text=_("Only predictions of the model with this `slug`.")
    )
    decision = ChoiceField(
        choices=Decision.choices,
        required=False,
        allow_blank=True,
        help_text=_("Only results on which your decision policy says this. None without a policy."),
    )
    outcome = ChoiceField(
        choices=[*Result.values, NO_OUTCOME],
        required=False,
        allow_blank=True,
        help_text=_("Only predictions with this outcome; `none`: with a result and no outcome."),
    )
