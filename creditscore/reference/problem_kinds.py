"""What is documented of a problem: the status, code and text of `creditscore.http.problems`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from rest_framework import exceptions

from accounts.errors import CustomerError, RetryLater
from creditscore.http.problems import DETAILS, FRAMEWORK, INVALID_INPUT, UNFORESEEN, UNREADABLE, problem

# The members that some problems have beside those of all.
EXAMPLES_OF_MEMBERS: dict[str, dict[str, Any]] = {
    "insufficient_funds": {"balance": "0.50", "required": "1.00"},
    "daily_limit_reached": {"daily_limit": "250.00", "spent": "249.50"},
    "insufficient_scope": {"scope": "predict"},
    "validation_error": {
        "errors": [{"field": "field", "code": "unknown_field", "detail": _("Unknown field.")}],
    },
}


@dataclass(frozen=True)
class ProblemKind:
    """A problem that the API can answer with. `detail` is in the language of the moment when it is read."""

    status: int
    code: str
    detail: StrOrPromise
    has_retry_after: bool = False

    def example(self) -> dict[str, Any]:
        return problem(self.status, self.code, self.detail, **EXAMPLES_OF_MEMBERS.get(self.code, {}))


BAD_REQUEST = ProblemKind(400, *UNREADABLE)
SERVER_ERROR = ProblemKind(500, *UNFORESEEN)
INVALID = ProblemKind(422, *INVALID_INPUT)


def kind_of(error: type[Exception]) -> ProblemKind:
    """Return the problem that an error becomes. Raises `KeyError` for one that has no text."""
    if issubclass(error, CustomerError):
        has_retry_after = issubclass(error, RetryLater) or error.retry_after is not None
        return ProblemKind(error.status, error.code, DETAILS[error], has_retry_after)
    framework = cast("type[exceptions.APIException]", error)
    return ProblemKind(framework.status_code, *FRAMEWORK[framework])


def all_kinds() -> Iterator[ProblemKind]:
    """Yield every problem that the API can answer with, by status and code."""
    errors: list[type[Exception]] = [*(error for error in DETAILS if not error.field), *FRAMEWORK]
    kinds = {BAD_REQUEST, SERVER_ERROR, INVALID, *map(kind_of, errors)}
    yield from sorted(kinds, key=lambda kind: (kind.status, kind.code, str(kind.detail)))
