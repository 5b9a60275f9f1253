"""Errors as `application/problem+json` (RFC 9457). `code` is for programs, `detail` for people."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from accounts.errors import CustomerError, RepeatedName
from accounts.hashers import ServiceBusy
from accounts.keys.services import InsufficientScope, InvalidKey, KeyNotAllowed, TooManyKeys
from accounts.profile.services import InvalidLink
from accounts.second_factor.services import CodeRequired, WrongCode
from accounts.services import WrongCredentials
from accounts.tasks import MailUnavailable
from accounts.throttling import TooManyAttempts
from accounts.tokens import InvalidToken, PasswordChangeRequired
from accounts.webhooks.addresses import AddressForbidden, HostNotAscii, InvalidUrl
from accounts.webhooks.endpoints import TooManyWebhooks, WebhookOff
from billing.idempotency import InvalidIdempotencyKey
from billing.keys.usage import DailyLimitReached, TooManyKeyOrders
from billing.payments import PaymentDeclined
from billing.services import InsufficientFunds, RequestKeyReused
from creditscore.http.bodies import BodyEncoded, BodyTooLarge
from creditscore.http.database import DatabaseUnavailable
from predictions.batches.files import NotFinished as FileNotFinished
from predictions.batches.store import FilesDeleted, StorageFull
from predictions.catalog import ModelSwitchedOff, ModelUnavailable
from predictions.formats.applicants import problem_text
from predictions.leaving.deletion import BalanceDiffers, OperatorAccount, StillInProgress
from predictions.orders.batches import NotDeletable, NotQuoted, QuoteExpired, VersionChanged
from predictions.orders.predictions import NotCancelable, PriceChanged, TooManyOrders
from predictions.orders.uploads import TooManyFiles, TooManyOpenFiles
from predictions.results.documents import DocumentFailed, TooManyDocuments
from predictions.results.explanations import TooManyExplanations
from predictions.results.sharing import TooManyLinks
from predictions.results.what_if import ArtifactUnavailable, NotFinished, WhatIfLimitReached
from predictions.scoring.parsing import InvalidApplicant

CONTENT_TYPE = "application/problem+json"
Problem = dict[str, Any]

# The `detail` of each customer error; its class defines status and code.
DETAILS: dict[type[CustomerError], StrOrPromise] = {
    InsufficientFunds: _("Insufficient funds. Nothing was charged."),
    InvalidToken: _("The token is invalid or has expired."),
    InvalidKey: _("The API key is invalid, has expired or was revoked."),
    InsufficientScope: _("The API key does not have the scope that this needs."),
    KeyNotAllowed: _("API keys cannot do this. Log in and send an access token."),
    TooManyKeys: _("You have reached the limit of API keys. Revoke one first."),
    DailyLimitReached: _("This order would exceed the daily limit of the API key. Nothing was charged."),
    TooManyKeyOrders: _("Too many orders per minute with this API key. Try again later."),
    PasswordChangeRequired: _("This is a one-time password. Log in on the website and change it."),
    PaymentDeclined: _("The payment was declined. Your balance has not changed."),
    NotCancelable: _("Too late to cancel: the calculation has already started or finished."),
    NotFinished: _("This prediction has no result."),
    InvalidIdempotencyKey: _("Idempotency-Key must be 1 to 255 printable characters."),
    RequestKeyReused: _("This key was already used for a different request."),
    RepeatedName: _("A name appears twice in one object or query."),
    BodyTooLarge: _("The request is too large."),
    BodyEncoded: _("Send the request without compression."),
    DatabaseUnavailable: _(
        "The service is temporarily unavailable. Try again later: with the same Idempotency-Key, an order "
        "that was charged is not charged again."
    ),
    ModelSwitchedOff: _("This model is not for sale."),
    ModelUnavailable: _("This model is currently unavailable. Nothing was charged."),
    ArtifactUnavailable: _("The model version behind this result is currently unavailable."),
    PriceChanged: _("The price has changed. Nothing was charged."),
    MailUnavailable: _("We cannot send email right now. Try again later."),
    ServiceBusy: _("The service is very busy. Try again later."),
    TooManyAttempts: _("Too many attempts. Try again later."),
    WhatIfLimitReached: _("This prediction has no free recalculations left."),
    TooManyExplanations: _("Too many explanations per minute. Try again later."),
    TooManyFiles: _("Too many files per minute. Try again later."),
    TooManyOpenFiles: _("Too many files are open. Confirm or cancel one of them first."),
    NotDeletable: _("The file is in progress. Wait until it finishes, or cancel it."),
    NotQuoted: _("This file has no price to confirm. Nothing was charged."),
    QuoteExpired: _("The price of this file has expired. Nothing was charged. Ask for a new one."),
    VersionChanged: _(
        "Another version of the model is on sale now. Nothing was charged. Ask for a new price, or upload "
        "the file again."
    ),
    FileNotFinished: _("There is no such file yet."),
    FilesDeleted: _("The files were deleted by you or after their retention time."),
    StorageFull: _("The service cannot store files right now. Nothing was charged. Try again later."),
    TooManyOrders: _("Too many orders per minute. Try again later."),
    HostNotAscii: _("Write the host name in ASCII, in its form xn--…."),
    AddressForbidden: _("This host is not on the public internet."),
    InvalidUrl: _("Enter an https:// address without a user name, on port 443 or above 1023."),
    TooManyWebhooks: _("You have reached the limit of webhooks. Delete one first."),
    WebhookOff: _("This webhook is switched off. Switch it on first."),
    TooManyLinks: _("This result has reached the limit of links. Revoke one first."),
    TooManyDocuments: _("This result has reached the limit of documents."),
    DocumentFailed: _("The PDF could not be made. Try again later."),
    WrongCredentials: _("Incorrect username or password."),
    CodeRequired: _("This account has two-factor log-in. Send the code of the app as otp."),
    WrongCode: _("The code is wrong or was already used. Wait for the next one."),
    StillInProgress: _("Predictions or files are in progress. Wait until they finish."),
    BalanceDiffers: _("Your balance has changed. Check it and try again."),
    OperatorAccount: _("This is an operator’s account. Another operator has to delete it."),
    InvalidLink: _("This link has already been used or has expired."),
}
FRAMEWORK = {
    exceptions.ParseError: ("malformed", _("The request body is not valid JSON.")),
    exceptions.NotAuthenticated: ("not_authenticated", _("Log in, or send an access token or an API key.")),
    exceptions.UnsupportedMediaType: (
        "unsupported_media_type",
        _("Send JSON with Content-Type: application/json."),
    ),
    exceptions.NotAcceptable: ("not_acceptable", _("The API answers with application/json only.")),
    exceptions.PermissionDenied: (
        "permission_denied",
        _("Not allowed. A request with a session cookie needs the header X-CSRFToken."),
    ),
    exceptions.NotFound: ("not_found", _("Not found.")),
    exceptions.MethodNotAllowed: ("method_not_allowed", _("This method is not allowed at this address.")),
}
# Code and `detail` of what is not an exception of its own.
UNREADABLE = ("bad_request", _("The request is malformed, or its Host header is not a name of this service."))
UNFORESEEN = (
    "server_error",
    _("Something went wrong on our side. An order that was charged will be completed or refunded."),
)
INVALID_INPUT = ("validation_error", _("Check the fields listed in errors."))


def problem(status: int, code: str, detail: object, **members: object) -> Problem:
    title = HTTPStatus(status).phrase
    return {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": str(detail),
        "code": code,
        **members,
    }


def problem_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. Returns None for unexpected errors, which Django answers with 500."""
    response = exception_handler(error, context)
    body = _domain_problem(error)
    if body is None:
        if response is None:
            return None
        body = _framework_problem(error, response.status_code)
    if response is None:
        set_rollback()
        response = Response()
    response.data, response.status_code = body, body["status"]
    if isinstance(error, CustomerError) and error.retry_after is not None:
        response["Retry-After"] = str(error.retry_after)
    elif response.status_code == HTTPStatus.UNAUTHORIZED:
        response.headers.setdefault("WWW-Authenticate", 'Bearer realm="api"')
    renderer = getattr(context["request"], "accepted_renderer", None)
    if renderer is None or renderer.format == "json":
        response.content_type = CONTENT_TYPE
    return response


def refused(error: CustomerError) -> HttpResponse:
    """Return the response for a refusal outside of the API's views."""
    content = problem(error.status, error.code, DETAILS[type(error)])
    headers = {} if error.retry_after is None else {"Retry-After": str(error.retry_after)}
    return JsonResponse(content, status=error.status, content_type=CONTENT_TYPE, headers=headers)


def bad_request(request: HttpRequest) -> HttpResponse:
    return JsonResponse(problem(400, *UNREADABLE), status=400, content_type=CONTENT_TYPE)


def not_found(request: HttpRequest) -> HttpResponse:
    """Return the response for an API address without a route."""
    code, detail = FRAMEWORK[exceptions.NotFound]
    return JsonResponse(problem(404, code, detail), status=404, content_type=CONTENT_TYPE)


def server_error(request: HttpRequest) -> HttpResponse:
    return JsonResponse(problem(500, *UNFORESEEN), status=500, content_type=CONTENT_TYPE)


def _domain_problem(error: Exception) -> Problem | None:
    if isinstance(error, DjangoValidationError):
        return _invalid(list(_django_errors(error)))
    if isinstance(error, InvalidApplicant):
        return _invalid(
            [{"field": bad.field, "code": bad.code, "detail": problem_text(bad)} for bad in error.problems]
        )
    if not isinstance(error, CustomerError):
        return None
    detail = str(DETAILS[type(error)])
    if error.field:
        return _invalid([{"field": error.field, "code": error.code, "detail": detail}])
    return problem(error.status, error.code, detail, **error.members)


def _framework_problem(error: Exception, status: int) -> Problem:
    if isinstance(error, exceptions.ValidationError):
        return _invalid(list(_drf_errors(error.detail)))
    for kind, (code, detail) in FRAMEWORK.items():
        if isinstance(error, kind):
            return problem(status, code, detail)
    if status == HTTPStatus.NOT_FOUND:
        return problem(status, *FRAMEWORK[exceptions.NotFound])
    reported: Any = getattr(error, "detail", HTTPStatus(status).description)
    return problem(status, str(getattr(reported, "code", "error")), reported)


def _invalid(errors: list[dict[str, str]]) -> Problem:
    return problem(422, *INVALID_INPUT, errors=errors)


def _drf_errors(detail: Any, field: str = "non_field_errors") -> Iterator[dict[str, str]]:
    """Yield one row per error; a field of a nested object has only its own name."""
    if isinstance(detail, dict):
        for name, inner in detail.items():
            yield from _drf_errors(inner, name)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _drf_errors(inner, field)
    else:
        yield {"field": field, "code": str(detail.code), "detail": str(detail)}


def _django_errors(error: DjangoValidationError) -> Iterator[dict[str, str]]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {"non_field_errors": error.error_list}
    for name, errors in by_field.items():
        for single in errors:
            for text in single.messages:
                yield {"field": name, "code": single.code or "invalid", "detail": text}
