"""Answers that ask a client to come back later are not in the log; unexpected errors are."""

from typing import ClassVar

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings

from accounts.hashers import ServiceBusy


def busy(request: HttpRequest) -> HttpResponse:
    raise ServiceBusy


def unavailable(request: HttpRequest) -> HttpResponse:
    return HttpResponse(status=503)


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


class Routes:
    urlpatterns: ClassVar = [
        path("busy", busy),
        path("unavailable", unavailable),
        path("broken", broken),
        path("", include("creditscore.urls")),
    ]
    handler500 = "creditscore.http.error_pages.server_error"


@pytest.mark.parametrize(
    ("address", "status", "lines"), [("/busy", 503, 0), ("/unavailable", 503, 0), ("/broken", 500, 1)]
)
def test_an_answer(
    settings: Settings, caplog: pytest.LogCaptureFixture, address: str, status: int, lines: int
) -> None:
    settings.ROOT_URLCONF = Routes
    assert Client(raise_request_exception=False).get(address).status_code == status
    assert len([record for record in caplog.records if record.name == "django.request"]) == lines


def test_a_full_queue_of_passwords(caplog: pytest.LogCaptureFixture) -> None:
    answer = Client().post("/api/v1/auth/token/", **{"creditscore.queue_full": True})  # type: ignore[arg-type]
    assert answer.status_code == 503
    assert answer["Retry-After"] == "3"
    assert not caplog.records
