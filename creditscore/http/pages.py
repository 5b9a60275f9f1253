"""Middleware for pages, which calls of the API with a token pass by: they use no session and no messages.

Other requests below `/api/` may be those of a browser that is logged in.
"""

from typing import Any

from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware import gzip
from django_htmx import middleware as htmx

from accounts.requests import API

# Shorter answers of the API are not worth the time.
COMPRESSED_BYTES = 4_096


def is_call(request: HttpRequest) -> bool:
    """Return whether the request is one of a program, with a token."""
    return request.path.startswith(API) and request.META.get("HTTP_AUTHORIZATION", "").startswith("Bearer ")


class PassCalls:
    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        return self.get_response(request) if is_call(request) else super().__call__(request)  # type: ignore[misc]


class SessionMiddleware(PassCalls, sessions.SessionMiddleware):
    """Django's, for pages."""


class AuthenticationMiddleware(PassCalls, auth.AuthenticationMiddleware):
    """Django's, for pages."""


class MessageMiddleware(PassCalls, messages.MessageMiddleware):
    """Django's, for pages."""


class HtmxMiddleware(PassCalls, htmx.HtmxMiddleware):
    """django-htmx's, for pages."""


class GZipMiddleware(gzip.GZipMiddleware):
    """Django's, which leaves short answers to programs as they are."""

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        content = getattr(response, "content", None)
        if is_call(request) and content is not None and len(content) < COMPRESSED_BYTES:
            return response
        return super().process_response(request, response)
