"""The cookie of a browser that a user has logged in from.

Attacks on a name from elsewhere do not slow down its owner there: a known device has its own limit.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from rest_framework.request import Request

from accounts.models import User

# Browsers keep a cookie with this prefix only if it is secure. With a path it cannot be tied to the host.
COOKIE = "__Secure-known_device" if settings.SESSION_COOKIE_SECURE else "known_device"
SALT = "accounts.attempts.devices"
MAX_AGE = timedelta(days=365)
MAX_LENGTH = 500


def known_device(request: HttpRequest | Request, user: User | None) -> str:
    """Return the name of the device if `user` has logged in from it before, else ""."""
    cookie = request.COOKIES.get(COOKIE, "")
    if user is None or len(cookie) > MAX_LENGTH:
        return ""
    try:
        owner, device = signing.loads(cookie, salt=SALT, max_age=MAX_AGE)
    except signing.BadSignature:
        # No cookie, an old one, or one that is not ours: a stranger's.
        return ""
    return str(device) if owner == str(user.pk) else ""


def remember_device(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Set the cookie after `user` has proved who they are. A device that is known keeps its name."""
    device = known_device(request, user) or secrets.token_urlsafe(12)
    response.set_cookie(
        COOKIE,
        signing.dumps([str(user.pk), device], salt=SALT),
        max_age=MAX_AGE,
        path=reverse("accounts:login"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
