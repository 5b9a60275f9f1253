"""Answers to unknown addresses and crashes: a page for people, a problem for programs."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from creditscore import api_errors

API = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if request.path.startswith(API):
        return api_errors.not_found(request)
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    if request.path.startswith(API):
        return api_errors.server_error(request)
    return defaults.server_error(request)
