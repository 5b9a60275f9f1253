"""The applicant in the API: serializer field and OpenAPI schema, both built from `scoring.schema`."""

from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from predictions.formats.applicants import problem_text
from predictions.scoring.parsing import InvalidApplicant, parse_applicant
from predictions.scoring.schema import EXAMPLE, FIELDS, Applicant, ChoiceField, Field


def applicant_schema() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {field.name: field_schema(field) for field in FIELDS},
        "required": [field.name for field in FIELDS if isinstance(field, ChoiceField) or not field.derived],
        "additionalProperties": False,
        "example": EXAMPLE,
    }


def field_schema(field: Field) -> dict[str, Any]:
    if isinstance(field, ChoiceField):
        description = _described(format_lazy("{}.", _(field.label)), field)
        return {"type": "string", "enum": list(field.values), "description": description}
    return {
        "type": "integer" if field.integer else "number",
        "minimum": field.minimum,
        "maximum": field.maximum,
        "nullable": field.nullable or field.derived,
        "description": _described(format_lazy("{} ({}).", _(field.label), _(field.unit)), field),
    }


def _described(label: StrOrPromise, field: Field) -> StrOrPromise:
    return format_lazy("{} {}", label, _(field.help)) if field.help else label


@extend_schema_field(applicant_schema())
class ApplicantField(serializers.Field[Applicant, Any, Any, Any]):
    error_codes = (
        "ambiguous_number",
        "contradiction",
        "exceeds_age",
        "invalid_choice",
        "not_a_number",
        "not_an_integer",
        "not_supported_by_model",
        "out_of_bounds",
        "required",
    )
    default_error_messages = {"not_an_object": _("Send an object with the applicant fields.")}

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


class WarningSerializer(serializers.Serializer[Any]):
    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField()
