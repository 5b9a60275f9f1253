"""Reads the user, the client's address and the next page from a request."""

import re
from ipaddress import IPv6Address, ip_address, ip_network

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.middleware import HtmxDetails
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from accounts.models import ApiKey, User

# Where the addresses of the API begin.
API = "/api/"
# Some proxies write the client's port into X-Forwarded-For: 192.0.2.1:1234, [2001:db8::1]:1234
PORT = re.compile(r"^(?:\[(.*)\](?::\d+)?|([\d.]+):\d+)$")


def current_user(request: HttpRequest | Request) -> User:
    """Return the logged-in user. Raises `TypeError` for an anonymous request."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("current_user() needs a view that requires a login")
    return user


def key_of(request: HttpRequest | Request) -> ApiKey | None:
    """Return the API key that the request was made with, if it was made with one. Reads nothing.

    Of Django's request, once the API has found out who it is.
    """
    auth = request.auth if isinstance(request, Request) else vars(request).get("auth")
    return auth if isinstance(auth, ApiKey) else None


def client_address(request: HttpRequest | Request) -> str:
    """Return the client's IP address, trusting `NUM_PROXIES` proxies."""
    return str(BaseThrottle().get_ident(request))  # type: ignore[arg-type]


def client_network(request: HttpRequest | Request) -> str:
    """Return the network that limits count: the IPv4 address, or the /64 of an IPv6 address.

    One customer has a whole /64. What is not an address is returned as it is.
    """
    text = client_address(request).strip()
    try:
        address = ip_address(PORT.sub(r"\g<1>\g<2>", text))
    except ValueError:
        return text
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or ip_network((int(address), 64), strict=False))
    return str(address)


def next_page(request: HttpRequest, default: str = "") -> str:
    """Return the path in `next` if it is on this host, else the URL named `default`, else ""."""
    path = request.POST.get("next") or request.GET.get("next") or ""
    # Paths only: `redirect` would resolve other text as the name of a URL.
    if path.startswith("/") and url_has_allowed_host_and_scheme(
        path, {request.get_host()}, require_https=request.is_secure()
    ):
        return path
    return resolve_url(default) if default else ""


class FragmentRequest(HttpRequest):
    """A request with the attribute `htmx` that django-htmx's middleware sets."""

    htmx: HtmxDetails
