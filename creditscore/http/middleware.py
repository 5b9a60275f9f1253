"""Middleware that removes malformed values from requests, and shows error pages that Django lacks."""

import codecs
from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.http import url_has_allowed_host_and_scheme

from accounts.errors import CustomerError, RetryLater, retry_text
from accounts.requests import API
from creditscore.http import problems
from creditscore.http.bodies import STRANGER, check_body

# After this, a client may try again if a 503 does not know better.
RETRY_SECONDS = 30
PUBLIC_API = {"api:models", "api:model", "api:schema"}
GetResponse = Callable[[HttpRequest], HttpResponse]


class MalformedRequestMiddleware:
    """Removes values that later middleware and views cannot read, so it must come before all of them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Session keys are letters and digits; PostgreSQL raises an error for one with a NUL.
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "x").isalnum():
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        # Some of Python's codecs do not decode text, and some return lone surrogates.
        if request.encoding and codecs.lookup(request.encoding).name != settings.DEFAULT_CHARSET:
            request.encoding = settings.DEFAULT_CHARSET
        return self.get_response(request)


class KeepMethodMiddleware:
    """Turns permanent redirects of requests that change something into 308.

    Clients repeat a POST that gets a 301 as a GET, whose answer looks like success. Such are the redirects to
    HTTPS and to the address with its last slash.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 301 and request.method not in ("GET", "HEAD"):
            response.status_code = 308
        return response


class HeadMiddleware:
    """Answers HEAD as GET wherever GET is allowed. The web server leaves the body out."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_head = request.method == "HEAD"
        if is_head:
            request.method = "GET"
        response = self.get_response(request)
        if is_head:
            request.method = "HEAD"
            if isinstance(response, StreamingHttpResponse):
                response.streaming_content = ()
        allowed = response.get("Allow", "").split(", ")
        if "GET" in allowed and "HEAD" not in allowed:
            response["Allow"] = ", ".join([*allowed, "HEAD"])
        return response


class PrivateAnswerMiddleware:
    """Forbids to store what is about an account: answers of the API, and pages for a logged-in user."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = getattr(request, "session", None)
        # A page that has not read the session does not know the user.
        for_user = session is not None and session.accessed and SESSION_KEY in session
        route = request.resolver_match and request.resolver_match.view_name
        if for_user or (request.path.startswith(API) and route not in PUBLIC_API):
            patch_cache_control(response, no_store=True, private=True)
        return response


class BodyMiddleware:
    """Refuses bodies that are too long, compressed or too many, before anything reads them."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            check_body(request)
        except CustomerError as error:
            if request.path.startswith(API):
                return problems.refused(error)
            if isinstance(error, RetryLater):
                return limit_page(request, error)
            if error.retry_after is not None:
                return refusal_page(request, error)
            return render(request, "400.html", {"code": error.status}, status=error.status)
        if STRANGER in request.META and not request.path.startswith(API):
            # Its token against forged requests is in the body, too.
            return redirect_to_login(request.path)
        return self.get_response(request)


class ErrorPageMiddleware:
    """Shows pages for 405, which Django answers without one, and for unhandled refusals.

    Every 503 says when to try again.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 405 and not request.path.startswith(API):
            page = render(request, "405.html", status=405)
            page["Allow"] = response["Allow"]
            return page
        if response.status_code == 503:
            response.headers.setdefault("Retry-After", str(RETRY_SECONDS))
        return response

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Return a page for a refusal that no view has handled, with its status; None for other errors."""
        if not isinstance(error, CustomerError) or request.path.startswith(API):
            return None
        if isinstance(error, RetryLater):
            return limit_page(request, error)
        return refusal_page(request, error)


def refusal_page(request: HttpRequest, error: CustomerError) -> HttpResponse:
    """Return the page that says why, in the words of the API."""
    context = {"status": error.status, "detail": problems.DETAILS[type(error)]}
    page = render(request, "refused.html", context | {"again": retry_address(request)}, status=error.status)
    if error.retry_after is not None:
        page["Retry-After"] = str(error.retry_after)
    page["Cache-Control"] = "no-store"
    return page


def limit_page(request: HttpRequest, error: RetryLater) -> HttpResponse:
    """Return the page that says how long to wait."""
    context = {
        "status": error.status,
        "wait": retry_text(error.retry_after),
        "again": retry_address(request),
    }
    page = render(request, "429.html", context, status=error.status)
    page["Retry-After"] = str(error.retry_after)
    page["Cache-Control"] = "no-store"
    return page


def retry_address(request: HttpRequest) -> str:
    """Return where to try again: this page, or the page whose form was sent; "" if unknown."""
    if request.method == "GET":
        return request.get_full_path()
    try:
        referrer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    address = referrer.path + (f"?{referrer.query}" if referrer.query else "")
    same_host = referrer.netloc == request.get_host()
    return address if same_host and url_has_allowed_host_and_scheme(address, None) else ""
