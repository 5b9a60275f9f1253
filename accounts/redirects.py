"""Where to go after a form that stood in somebody's way."""

from django.http import HttpRequest
from django.shortcuts import resolve_url
from django.utils.http import url_has_allowed_host_and_scheme


def wanted_page(request: HttpRequest, default: str = "") -> str:
    """The page that `next` names, on this host alone; otherwise the page called `default`."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    # A path, so that no word is taken for the name of a route.
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(
        wanted, {request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return resolve_url(default) if default else ""
