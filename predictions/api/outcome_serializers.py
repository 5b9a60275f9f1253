"""API serializers of outcomes."""

from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.api_input import Body, ChoiceField
from predictions.api import examples
from predictions.formats.languages import in_language
from predictions.models import Result
from predictions.outcomes.files import iso_day
from predictions.outcomes.imports import Imported

# What is wrong with more rows is told when these are mended.
MAX_ERRORS = 1_000


@extend_schema_field(OpenApiTypes.DATE)
class DayField(serializers.Field[date, Any, str, Any]):
    """A JSON string with a date, `YYYY-MM-DD`."""

    default_error_messages: ClassVar[dict[str, Any]] = {"invalid": _("Enter a day, for example 2027-01-31.")}

    def to_internal_value(self, data: Any) -> date:
        day = iso_day(data) if isinstance(data, str) else None
        if day is None:
            self.fail("invalid")
        return day

    def to_representation(self, value: date) -> str:
        return value.isoformat()


class OutcomeSerializer(Body[Any]):
    example: ClassVar = examples.OUTCOME
    outcome = ChoiceField(choices=Result.values, help_text=_("`refused`: no loan was granted."))
    observed_on = DayField(help_text=_("From the day of the order until today, in UTC."))


class OutcomeFileSerializer(Body[Any]):
    example: ClassVar = examples.OUTCOME_FILE
    file = serializers.FileField(help_text=_("CSV, up to 100,000 rows and 20 MB."))


class LineErrorSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    field = serializers.CharField(help_text=_("The column; empty if the row itself is damaged."))
    code = serializers.CharField()
    detail = serializers.CharField()


class ImportedSerializer(serializers.Serializer[Imported]):
    example: ClassVar = examples.IMPORTED
    rows = serializers.IntegerField()
    new = serializers.IntegerField(source="counts.new")
    changed = serializers.IntegerField(source="counts.changed")
    unchanged = serializers.IntegerField(
        source="counts.unchanged", help_text=_("Already reported with the same outcome.")
    )
    refused = serializers.IntegerField(help_text=_("Rows that were not stored."))
    errors = serializers.SerializerMethodField()  # type: ignore[assignment]  # a field, not the attribute

    @extend_schema_field(LineErrorSerializer(many=True, help_text=_("The first 1,000.")))
    def get_errors(self, done: Imported) -> list[dict[str, object]]:
        say = in_language()
        return [
            {"line": found.line, "field": found.field, "code": found.code, "detail": found.text(say)}
            for found in done.problems[:MAX_ERRORS]
        ]
