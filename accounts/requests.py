"""What the apps read from a request: its user, its address, the page it wants to go to."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import User


def current_user(request: HttpRequest | Request) -> User:
    """The user of a request that a login check has let through. Raises `TypeError` for anonymous ones."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("current_user() needs a view that requires a login")
    return user


def client_address(request: HttpRequest | Request) -> str:
    """The client's IP address; trusts as many proxies as `NUM_PROXIES` says."""
    return str(BaseThrottle().get_ident(request))  # type: ignore[arg-type]


def wanted_page(request: HttpRequest, default: str = "") -> str:
    """The path in `next` if it is on this host, otherwise the URL named `default`, otherwise ""."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # Only a path: any other text could be taken for the name of a route.
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return resolve_url(default) if default else ""


class FragmentRequest(HttpRequest):
    """A request as views see it: htmx's middleware has said whether it is for a fragment of a page."""

    htmx: HtmxDetails
