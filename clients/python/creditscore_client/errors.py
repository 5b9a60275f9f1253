"""What can go wrong: refusals of the service with their code, and requests without an answer."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


class CreditscoreError(Exception):
    """The base of all errors that this package raises."""


class ConnectionFailed(CreditscoreError):
    """No answer came, also not when the request was repeated. What it asked for may have happened.

    An order can be sent again with the same `key`: it is then charged once.
    """


class StillPending(CreditscoreError):
    """The result was not there in the time that the caller gave. It can be waited for again."""


@dataclass(frozen=True)
class FieldError:
    """An invalid value: the name of its field, a stable code, and a text for people."""

    field: str
    code: str
    detail: str


class ApiError(CreditscoreError):
    """The service refused. `code` is stable, `detail` is for people, `body` is the whole problem document.

    `retry_after` is in seconds, None if the service names no time.
    """

    def __init__(self, status: int, body: Mapping[str, Any], retry_after: float | None = None) -> None:
        self.status, self.body, self.retry_after = status, body, retry_after
        self.code = str(body.get("code", ""))
        self.detail = str(body.get("detail", ""))
        super().__init__(f"{status} {self.code}: {self.detail}")


class NotAuthenticated(ApiError):
    """401: the token or key is missing, has expired or was revoked, or the password is wrong."""


class PaymentRequired(ApiError):
    """402: nothing was charged."""


class InsufficientFunds(PaymentRequired):
    """402: the `balance` does not cover what is `required`, both as the service writes amounts."""

    @property
    def balance(self) -> str:
        return str(self.body["balance"])

    @property
    def required(self) -> str:
        return str(self.body["required"])


class NotAllowed(ApiError):
    """403."""


class NotFound(ApiError):
    """404: not there, or another customer's."""


class Conflict(ApiError):
    """409: not possible in the state in which it is now."""


class Invalid(ApiError):
    """422: `errors` names each invalid value."""

    @property
    def errors(self) -> list[FieldError]:
        return [
            FieldError(str(one["field"]), str(one["code"]), str(one["detail"]))
            for one in self.body.get("errors", [])
        ]


class TooManyRequests(ApiError):
    """429: a limit is reached, and waiting for `retry_after` would have taken too long."""


class ServiceFailure(ApiError):
    """5xx: not the caller's mistake. An order that was charged is completed or refunded."""


_BY_CODE: dict[str, type[ApiError]] = {"insufficient_funds": InsufficientFunds}
_BY_STATUS: dict[int, type[ApiError]] = {
    401: NotAuthenticated,
    402: PaymentRequired,
    403: NotAllowed,
    404: NotFound,
    409: Conflict,
    422: Invalid,
    429: TooManyRequests,
}


def error_of(status: int, body: Mapping[str, Any], retry_after: float | None) -> ApiError:
    """Return the error that an answer stands for."""
    fallback = ServiceFailure if status >= 500 else ApiError
    kind = _BY_CODE.get(str(body.get("code"))) or _BY_STATUS.get(status, fallback)
    return kind(status, body, retry_after)
