"""Middleware for one-time passwords and for forms sent after their session has ended."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts import form_drafts
from accounts.requests import API, FragmentRequest

GetResponse = Callable[[HttpRequest], HttpResponse]


class OneTimePasswordMiddleware:
    """Redirects a user with a one-time password to the password change, which leads back.

    The API, which programs use, answers such a user itself: see `accounts.authentication.HasAccess`.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if (
            not request.path.startswith(API)
            and request.session.session_key
            and getattr(request.user, "must_change_password", False)
        ):
            allowed = {reverse(name) for name in ("accounts:password", "accounts:logout", "set_language")}
            if request.path not in allowed:
                address = request.get_full_path() if request.method == "GET" else "/"
                return redirect(f"{reverse('accounts:password')}?{urlencode({'next': address})}")
        return self.get_response(request)


class FormDraftMiddleware:
    """Answers a form sent after its session has ended with a login page that keeps the inputs."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: FragmentRequest, view: Callable[..., HttpResponse], *_arguments: Any
    ) -> HttpResponse | None:
        # The API, which is exempt from CSRF checks, has no forms.
        if request.method != "POST" or getattr(view, "csrf_exempt", False):
            return None
        # A fragment has no place for another page: its redirect is followed by the script in the page.
        if request.user.is_authenticated or request.htmx:
            return None
        draft = form_drafts.from_form(request)
        return form_drafts.login_page(request, draft) if draft else None
