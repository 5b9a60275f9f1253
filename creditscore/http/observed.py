"""What each request leaves behind for those who watch the service."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.requests import API
from telemetry import context, metrics

GetResponse = Callable[[HttpRequest], HttpResponse]


class ObservedMiddleware:
    """Counts and times every answer. Comes first, so that no answer escapes it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        with context.bound(channel="api" if request.path.startswith(API) else "page"):
            response = self.get_response(request)
            seconds = time.perf_counter() - began
            metrics.answered(route_of(request), request.method or "", response.status_code, seconds)
            if response.status_code == 500:
                metrics.failed("request")
        return response


def route_of(request: HttpRequest) -> str:
    """Return the name of the request's route; "unknown" for an address without one."""
    match = request.resolver_match
    return (match.view_name if match else "") or "unknown"
