"""Holds a user with a one-time password at the password change."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

GetResponse = Callable[[HttpRequest], HttpResponse]


class OneTimePasswordMiddleware:
    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.session.session_key and getattr(request.user, "must_change_password", False):
            allowed = {reverse(name) for name in ("accounts:password", "accounts:logout", "set_language")}
            if request.path not in allowed:
                return redirect("accounts:password")
        return self.get_response(request)
