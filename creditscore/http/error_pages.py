"""Error handlers: HTML pages for the site, problem documents for the API.

Each page says what happened, whether anything was charged, and what to do next.
"""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views import defaults

from accounts import form_drafts
from accounts.errors import retry_text
from accounts.requests import API
from billing.views import test_payments
from creditscore.http import database, problems
from creditscore.http.middleware import retry_address


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return problems.bad_request(request)
    return defaults.bad_request(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return problems.not_found(request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Return the answer to an exception that nothing has handled: 503 if the database is away, else 500."""
    error = sys.exc_info()[1]
    if database.is_unavailable(error):
        database.log_unavailable(error)
        return _database_unavailable(request)
    if request.path.startswith(API):
        return problems.server_error(request)
    return defaults.server_error(request)


def _database_unavailable(request: HttpRequest) -> HttpResponse:
    """Return the answer while the database is away. Nothing in it reads the database: that would raise."""
    # Middleware would read and store them; messages are in the session.
    for name in ("session", "_messages"):
        if hasattr(request, name):
            delattr(request, name)
    refusal = database.DatabaseUnavailable()
    if request.path.startswith(API):
        answer = problems.refused(refusal)
    else:
        # Without the request, and so without the other context processors.
        context = test_payments(request)
        context |= {"wait": retry_text(refusal.retry_after), "again": retry_address(request)}
        answer = HttpResponse(render_to_string("503.html", context), status=refusal.status)
        answer["Retry-After"] = str(refusal.retry_after)
    answer["Cache-Control"] = "no-store"
    return answer


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return the page for an invalid CSRF token; keeps the form's inputs if this site sent it.

    A login in another tab changes the token, so all open forms become invalid. Browsers do not let a site
    forge the Origin header, so another site cannot put values into our forms.
    """
    same_origin = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    draft = (form_drafts.from_form(request) or form_drafts.from_login_page(request)) if same_origin else None
    if draft and draft.inputs and not request.user.is_authenticated:
        return form_drafts.login_page(request, draft)
    stored = draft is not None and form_drafts.store(request, draft)
    context = {"kept_at": draft.address if draft and stored else "", "again": retry_address(request)}
    page = render(request, "403_csrf.html", context, status=403)
    page["Cache-Control"] = "no-store"
    return page
