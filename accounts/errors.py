"""The base of errors that a customer can cause, and the wording of the wait that some of them ask for."""

import math
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext


class CustomerError(Exception):
    """An expected refusal. `status` is its HTTP status, `code` its stable name in the API.

    `field` is the input that it is about, if it is about one. `retry_after` is in seconds, None when
    waiting does not help. `members` are further members of the API's problem document.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    field: ClassVar[str] = ""
    retry_after: int | None = None

    @property
    def members(self) -> dict[str, object]:
        return {}


class RetryLater(CustomerError):
    """A limit is reached; `retry_after` says for how long."""

    status = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after: int = retry_after


def retry_text(seconds: int) -> str:
    """A sentence that says when to try again, in seconds or in whole minutes."""
    if seconds < 60:
        text = ngettext("Try again in %(seconds)s second.", "Try again in %(seconds)s seconds.", seconds)
        return text % {"seconds": seconds}
    minutes = math.ceil(seconds / 60)
    text = ngettext("Try again in %(minutes)s minute.", "Try again in %(minutes)s minutes.", minutes)
    return text % {"minutes": minutes}


def too_many_attempts_text(seconds: int) -> str:
    return " ".join([_("Too many attempts."), retry_text(seconds)])
