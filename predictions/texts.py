"""The schema's texts in the reader's language."""

from django.utils.translation import gettext

from predictions.scoring.schema import Applicant, FieldProblem, out_of_training_range


def problem_text(problem: FieldProblem) -> str:
    return gettext(problem.message) % problem.params


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
            % {
                "label": gettext(field.label),
                "low": f"{field.trained_from:g}",
                "high": f"{field.trained_to:g}",
            },
        }
        for field in out_of_training_range(applicant)
    ]
