"""Finds out who sends a request from its headers alone, before its body is received."""

import io
from collections.abc import Mapping
from typing import Any

from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.wsgi import WSGIRequest
from django.db import close_old_connections
from django.http import HttpRequest, HttpResponse
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.errors import CustomerError
from accounts.models import User
from accounts.requests import API, client_network
from creditscore.http.middleware import MalformedRequestMiddleware
from creditscore.http.uploads import Uploader


def find_uploader(environ: Mapping[str, Any]) -> Uploader | None:
    """Return who sends a request, from its headers alone; None for a stranger."""
    request = WSGIRequest({**environ, "CONTENT_LENGTH": "0", "wsgi.input": io.BytesIO()})
    close_old_connections()
    try:
        user = _user(request)
        return Uploader(user.pk, client_network(request)) if user else None
    finally:
        close_old_connections()


def _user(request: WSGIRequest) -> User | None:
    """Return the user of the session or, for the API, of whatever it takes."""
    MalformedRequestMiddleware(_find_session)(request)
    if not request.path.startswith(API):
        return _active(request.user)
    authenticators = [authenticator() for authenticator in APIView.authentication_classes]
    try:
        return _active(Request(request, authenticators=authenticators).user)
    except (CustomerError, APIException):
        return None


def _find_session(request: HttpRequest) -> HttpResponse:
    SessionMiddleware(_nothing).process_request(request)
    AuthenticationMiddleware(_nothing).process_request(request)
    return _nothing(request)


def _nothing(_request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def _active(user: object) -> User | None:
    return user if isinstance(user, User) and user.is_authenticated else None
