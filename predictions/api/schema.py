"""The applicant in OpenAPI's words, made from the one declaration of its fields."""

from typing import Any

from predictions.scoring.schema import EXAMPLE, FIELDS, ChoiceField, Field


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
        return {"type": "string", "enum": list(field.values), "description": f"{field.label}. {field.help}"}
    return {
        "type": "integer" if field.integer else "number",
        "minimum": field.minimum,
        "maximum": field.maximum,
        "nullable": field.nullable or field.derived,
        "description": f"{field.label}, {field.unit}. {field.help}",
    }
