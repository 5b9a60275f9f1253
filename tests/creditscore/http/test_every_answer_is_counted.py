"""Requests are counted by the name of their route, whatever their end."""

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from pytest_django import Settings

from accounts.models import User
from tests.support.metrics import Counted
from tests.support.people import ApiClientFor

REQUESTS, SECONDS = "creditscore_http_requests_total", "creditscore_http_request_seconds_count"
FAILURES = "creditscore_failures_total"


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


class Routes:
    urlpatterns = (path("broken", broken, name="broken"), path("", include("creditscore.urls")))
    handler500 = "creditscore.http.error_pages.server_error"


@pytest.mark.django_db
def test_by_route_method_and_status(client: Client, alice: User, api: ApiClientFor, counted: Counted) -> None:
    client.get(reverse("accounts:login"))
    client.post(reverse("accounts:login"), {})
    api(alice).get(reverse("api:me"))
    assert counted(REQUESTS, route="accounts:login", method="GET", status="200") == 1
    assert counted(REQUESTS, route="accounts:login", method="POST", status="422") == 1
    assert counted(REQUESTS, route="api:me", method="GET", status="200") == 1
    client.get("/static/css/base.css").close()
    assert counted(REQUESTS, route="static", method="GET", status="200") == 1
    assert counted(REQUESTS) == counted(SECONDS) == 4


@pytest.mark.django_db
def test_answers_that_no_view_has_given(client: Client, counted: Counted) -> None:
    """A foreign host, a form without its token, a body that is too long, a page that needs a log-in."""
    client.get("/", headers={"Host": "evil.example"})
    Client(enforce_csrf_checks=True).post(reverse("accounts:login"), {})
    client.post(reverse("accounts:login"), "x" * 1_000_001, content_type="text/plain")
    client.get(reverse("predictions:dashboard"))
    assert [counted(REQUESTS, status=status) for status in ("400", "403", "413", "302")] == [1, 1, 1, 1]
    assert counted(FAILURES) == 0


def test_an_unexpected_error(settings: Settings, counted: Counted) -> None:
    settings.ROOT_URLCONF = Routes
    Client(raise_request_exception=False).get("/broken")
    assert counted(REQUESTS, route="broken", method="GET", status="500") == 1
    assert counted(FAILURES, kind="request") == counted(FAILURES) == 1
