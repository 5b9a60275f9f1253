"""The language and the time zone in which a customer reads the pages."""

import zoneinfo
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import User
from accounts.requests import API

GetResponse = Callable[[HttpRequest], HttpResponse]


@cache
def zone_names() -> list[str]:
    """Return the names of time zones that an account may have: UTC, and those of places."""
    names = zoneinfo.available_timezones()
    places = {name for name in names if "/" in name and not name.startswith(("Etc/", "SystemV/"))}
    return ["UTC", *sorted(places)]


class ReaderMiddleware:
    """Shows pages in the language and the time zone of the account, if it has chosen them.

    `request.reader_zone` is the chosen zone. Without one, pages are made in UTC and browsers show their own.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = None
        if not request.path.startswith(API) and request.session.session_key:
            user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        if user.language in dict(settings.LANGUAGES):
            translation.activate(user.language)
            request.LANGUAGE_CODE = user.language
        if user.time_zone not in zone_names():
            return self.get_response(request)
        request.reader_zone = user.time_zone  # type: ignore[attr-defined]
        with timezone.override(user.time_zone):
            return self.get_response(request)
