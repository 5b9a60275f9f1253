"""The base class of errors that a customer can cause, and texts that say when to try again."""

import math
from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.quotas import Quota


class CustomerError(Exception):
    """A refused request. `status` is the HTTP status, `code` the stable name in the API.

    `field` is the name of the invalid input, "" if there is none. `retry_after` is in seconds, None if
    trying again does not help. `members` are extra members of the API's problem document.
    """

    status: ClassVar[int]
    code: ClassVar[str]
    field: ClassVar[str] = ""
    retry_after: int | None = None

    @property
    def members(self) -> dict[str, object]:
        return {}


class RepeatedName(CustomerError):
    """A key stands twice in one JSON object, or a parameter twice in a query."""

    status = 400
    code = "malformed"


class RetryLater(CustomerError):
    """A limit is reached. `retry_after`: seconds until the next attempt is allowed.

    429 if the limit is the customer's own, 503 if it is the service's. `quota` is the limit, if answers that
    keep to it tell of it too.
    """

    status = 429
    retry_after: int

    def __init__(self, retry_after: int, quota: Quota | None = None) -> None:
        super().__init__(f"retry after {retry_after} s")
        self.retry_after, self.quota = retry_after, quota


def retry_text(seconds: int) -> str:
    """Return "Try again in …", in seconds below one minute, otherwise in minutes, rounded up."""
    if seconds < 60:
        text = ngettext("Try again in %(seconds)s second.", "Try again in %(seconds)s seconds.", seconds)
        return text % {"seconds": seconds}
    minutes = math.ceil(seconds / 60)
    text = ngettext("Try again in %(minutes)s minute.", "Try again in %(minutes)s minutes.", minutes)
    return text % {"minutes": minutes}


def retry_later_text(error: RetryLater) -> str:
    """Return why an attempt was refused and when to try again."""
    reason = _("Too many attempts.") if error.status == 429 else _("The service is very busy.")
    return f"{reason} {retry_text(error.retry_after)}"
