"""Answers to what cannot be answered: a page for people, a problem for programs.

Each page says what happened, what it cost, and where to go from here.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import defaults

from accounts import interrupted
from accounts.texts import try_again
from accounts.throttling import TooManyAttempts
from creditscore import api_errors

API = "/api/"
GetResponse = Callable[[HttpRequest], HttpResponse]


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
        context = {"wait": try_again(error.retry_after), "again": _again(request)}
        page = render(request, "429.html", context, status=429)
        page["Retry-After"] = str(error.retry_after)
        page["Cache-Control"] = "no-store"
        return page


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return api_errors.not_found(request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API):
        return api_errors.server_error(request)
    return defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form with an old key. Its inputs come back when a page of this very site has sent it.

    A log-in in another tab renews the key of all open forms. The browser says truly where a form comes
    from, so what another site has made up is never put into ours.
    """
    own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    found = interrupted.of_refused(request) if own else None
    if found and found.inputs and not request.user.is_authenticated:
        return interrupted.log_in_first(request, found)
    interrupted.keep(request, found)
    context = {"kept_at": found.address if found and found.inputs else "", "again": _again(request)}
    page = render(request, "403_csrf.html", context, status=403)
    page["Cache-Control"] = "no-store"
    return page


def _again(request: HttpRequest) -> str:
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
