"""What each request leaves behind for those who watch the service: a number, counts and a line of the log."""

import logging
import re
import time
import uuid
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User
from accounts.requests import API, key_of
from telemetry import context, metrics

logger = logging.getLogger(__name__)

GetResponse = Callable[[HttpRequest], HttpResponse]
HEADER = "X-Request-ID"
# What proxies make: UUIDs, hexadecimal digits, ULIDs. Nothing that could be a token, a name or an address.
REQUEST_ID = re.compile(r"[0-9A-Za-z-]{16,64}")


class ObservedMiddleware:
    """Numbers, counts, times and logs every request. Comes first, so that no answer escapes it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began, given = time.perf_counter(), request.headers.get(HEADER, "")
        number = given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        channel = "api" if request.path.startswith(API) else "page"
        with context.bound(request_id=number, channel=channel):
            response = self.get_response(request)
            self._tell(request, response, time.perf_counter() - began)
        response[HEADER] = number
        return response

    def _tell(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        route, method, status = (
            route_of(request),
            metrics.known_method(request.method or ""),
            response.status_code,
        )
        metrics.answered(route, method, status, seconds)
        if status == 500:
            metrics.failed("request")
        fields = {
            "route": route,
            "method": method,
            "status": status,
            "ms": round(seconds * 1000, 1),
            "user_id": user_id_of(request),
        }
        if key := key_of(request):
            fields["api_key_id"] = str(key.pk)
        logger.info("%s %s %s", method, route, status, extra={"fields": fields})


def route_of(request: HttpRequest) -> str:
    """Return the name of the request's route; "static" for a file, "unknown" if there is none."""
    match = request.resolver_match
    if match and match.view_name:
        return match.view_name
    return "static" if request.path.startswith(settings.STATIC_URL) else "unknown"


def user_id_of(request: HttpRequest) -> str | None:
    """Return the id of the user if the request has found out who it is. Reads nothing."""
    # `request.user` would read the session. The first is what it has read; the API sets the second.
    for user in (getattr(request, "_cached_user", None), vars(request).get("user")):
        if type(user) is User:
            return str(user.pk)
    return None
