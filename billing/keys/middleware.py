"""Counts the answers that refused or failed, by API key."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from accounts.requests import key_of
from billing.keys import usage


class KeyErrorsMiddleware:
    """Counts answers from 400 on to requests with a key, one statement each.

    Not a 503: the service is away then, for everyone, and so may be its database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        key = key_of(request)
        counts = response.status_code >= 400 and response.status_code != HTTPStatus.SERVICE_UNAVAILABLE
        if key and counts:
            usage.count_error(key)
        return response
