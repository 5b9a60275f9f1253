"""Requests that no browser makes and that Django would crash on, made harmless before it sees them."""

import codecs
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


class OddRequestMiddleware:
    """First of all, for it cleans what the others read."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # PostgreSQL refuses to look for a key with a NUL in it; session keys are letters and digits.
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "x").isalnum():
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        # Python knows codecs that are none for text, and some that make halves of characters.
        if request.encoding and codecs.lookup(request.encoding).name != settings.DEFAULT_CHARSET:
            request.encoding = settings.DEFAULT_CHARSET
        return self.get_response(request)
