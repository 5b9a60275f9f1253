"""Middleware of the service: repairs odd requests, and shows pages for errors that Django answers bare."""

import codecs
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.errors import retry_text
from accounts.throttling import TooManyAttempts

API = "/api/"
GetResponse = Callable[[HttpRequest], HttpResponse]


class OddRequestMiddleware:
    """First of all, for it cleans what the others read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # PostgreSQL refuses to look for a key with a NUL in it; session keys are letters and digits.
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "x").isalnum():
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        # Python knows codecs that are none for text, and some that make halves of characters.
        if request.encoding and codecs.lookup(request.encoding).name != settings.DEFAULT_CHARSET:
            request.encoding = settings.DEFAULT_CHARSET
        return self.get_response(request)


class ErrorPageMiddleware:
    """Pages for what Django answers without one, or takes for a crash."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not request.path.startswith(API):
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Limits that no form shows in its own place; everything else stays what it is."""
        if not isinstance(error, TooManyAttempts) or request.path.startswith(API):
            return None
        context = {"wait": retry_text(error.retry_after), "again": retry_address(request)}
        page = render(request, "429.html", context, status=429)
        page["Retry-After"] = str(error.retry_after)
        page["Cache-Control"] = "no-store"
        return page


def retry_address(request: HttpRequest) -> str:
    """Where a second attempt begins: this page, or the one whose form was sent."""
    if request.method == "GET":
        return request.get_full_path()
    try:
        sender = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    address = sender.path + (f"?{sender.query}" if sender.query else "")
    own = sender.netloc == request.get_host() and url_has_allowed_host_and_scheme(address, None)
    return address if own else ""
