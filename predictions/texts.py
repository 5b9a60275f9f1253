"""The schema's texts in the reader's language."""

from collections.abc import Mapping
from decimal import Decimal

from django.utils.formats import number_format
from django.utils.translation import gettext

from predictions.scoring.parsing import FieldProblem
from predictions.scoring.schema import SHARE, Applicant, NumberField, out_of_training_range
from predictions.templatetags.probability import share


def problem_text(problem: FieldProblem) -> str:
    return gettext(problem.message) % localized(problem.params)


def localized(params: Mapping[str, int | float | str]) -> dict[str, str]:
    """Numbers as the reader's language writes them."""
    return {
        name: value if isinstance(value, str) else number_format(Decimal(str(value)), force_grouping=True)
        for name, value in params.items()
    }


def range_warnings(applicant: Applicant) -> list[dict[str, str]]:
    """`{field, code, detail}` for each value that the models have seen nothing like."""
    return [
        {
            "field": field.name,
            "code": "outside_training_range",
            "detail": gettext(
                "%(label)s: the models have learned from values between %(low)s and %(high)s; "
                "outside of them the result is less certain."
            )
            % {"label": gettext(field.label), **_trained_range(field)},
        }
        for field in out_of_training_range(applicant)
    ]


def _trained_range(field: NumberField) -> dict[str, str]:
    """The ends as the reader's language writes them; of the share of income in percent, as everywhere."""
    if field.name == SHARE:
        return {"low": share(field.trained_from, 0), "high": share(field.trained_to, 0)}
    return localized({"low": field.trained_from, "high": field.trained_to})
