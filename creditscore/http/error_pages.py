"""Answers to what cannot be answered: a page for people, a problem for programs.

Each page says what happened, what it cost, and where to go from here.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import defaults

from accounts import form_drafts
from creditscore.http import problems
from creditscore.http.middleware import API, retry_address


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return problems.not_found(request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API):
        return problems.server_error(request)
    return defaults.server_error(request)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form with an invalid CSRF token. Its inputs are kept if a page of this site sent it.

    A login in another tab renews the token of all open forms. The browser states truthfully where a form
    comes from, so values that another site made up never get into our forms.
    """
    own = request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"
    draft = (form_drafts.submitted(request) or form_drafts.carried(request)) if own else None
    if draft and draft.inputs and not request.user.is_authenticated:
        return form_drafts.login_page(request, draft)
    kept = draft is not None and form_drafts.store(request, draft)
    context = {"kept_at": draft.address if draft and kept else "", "again": retry_address(request)}
    page = render(request, "403_csrf.html", context, status=403)
    page["Cache-Control"] = "no-store"
    return page
