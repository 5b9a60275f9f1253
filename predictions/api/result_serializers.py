"""API serializers of explanations, what-if, curves and verification."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from accounts.api_input import Body, ChoiceField, ObjectField, Query, ShareField
from predictions.api import examples
from predictions.api.applicants import ApplicantField
from predictions.api.serializers import DefaultProbabilityField, ProbabilityField
from predictions.formats.applicants import reason_text
from predictions.models import Prediction
from predictions.results.what_if import Verification
from predictions.scoring.reasons import Reason
from predictions.scoring.what_if import CURVE_FIELDS, CurvePoint, LoanReduction


class ContributionSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    value = serializers.JSONField()
    contribution = serializers.FloatField()


class ReasonSerializer(serializers.Serializer[Reason]):
    code = serializers.CharField()
    field = serializers.CharField()
    text = serializers.SerializerMethodField()

    def get_text(self, reason: Reason) -> str:
        return reason_text(reason)


class ExplanationSerializer(serializers.Serializer[Any]):
    """`base` plus all contributions equals `approval_probability`."""

    example: ClassVar = examples.EXPLANATION
    base = serializers.FloatField()
    approval_probability = serializers.FloatField()
    contributions = ContributionSerializer(many=True)
    reasons = ReasonSerializer(many=True)


class PendingSerializer(serializers.ModelSerializer[Prediction]):
    """What is known of a prediction whose explanation is not there yet."""

    example: ClassVar = examples.PENDING

    class Meta:
        model = Prediction
        fields = ("status",)
        read_only_fields = fields


class ChangesSerializer(Body[Any]):
    """At least one of `changes` and `goal`; `goal` applies to the application as ordered."""

    example: ClassVar = examples.CHANGES
    changes = ObjectField(
        required=False, help_text=_("Fields of the application with their new values, such as `loan_amnt`.")
    )
    goal = ShareField(
        required=False,
        help_text=_("Find the smallest reduction of the loan amount that reaches this probability."),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs:
            raise serializers.ValidationError({"changes": [_("This field is required.")]}, "required")
        return attrs


class LoanReductionSerializer(serializers.Serializer[LoanReduction]):
    amount = serializers.IntegerField()
    cut = serializers.IntegerField(source="reduction")
    approval_probability = ProbabilityField()


class WhatIfSerializer(serializers.Serializer[Any]):
    example: ClassVar = examples.WHAT_IF
    applicant = ApplicantField()
    approval_probability = ProbabilityField()
    default_probability = DefaultProbabilityField()
    certain = serializers.ListField(
        child=serializers.CharField(),
        help_text=_(
            "Fields that never lower the probability when only they get better, guaranteed by the "
            "construction of the model. Empty without a guarantee."
        ),
    )
    cut = LoanReductionSerializer(
        allow_null=True, required=False, help_text=_("Null: no reduction reaches the goal.")
    )


class CurveQuery(Query[Any]):
    field = ChoiceField(choices=CURVE_FIELDS, help_text=_("The field whose values change."))


class CurvePointSerializer(serializers.Serializer[CurvePoint]):
    value = serializers.FloatField()
    approval_probability = ProbabilityField()


class CurveSerializer(serializers.Serializer[Any]):
    example: ClassVar = examples.CURVE
    field = serializers.CharField()
    points = CurvePointSerializer(many=True)


class VerificationSerializer(serializers.Serializer[Verification]):
    """`same`: scoring the stored input with the stored artifact gives exactly the sold probability."""

    example: ClassVar = examples.VERIFICATION
    same = serializers.BooleanField()
    approval_probability = ProbabilityField()
    model_version = serializers.CharField()
    artifact_sha256 = serializers.CharField()
