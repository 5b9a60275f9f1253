"""A fault that nobody foresaw is in the log with its time and cause; the answer says none of it."""

import logging
import os
import re
import subprocess
import sys
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from pytest_django import Settings
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api import PublicView

SECRET = "Secretov-7731"
WORDS = "Something went wrong on our side. An order that was charged will be completed or refunded."
PROGRAM = """
import logging, django
django.setup()
from django.conf import settings
print(settings.DEBUG)
logging.getLogger("accounts").warning("something")
logging.getLogger("django.request").warning("every page that is not found")
"""


def broken(request: HttpRequest, text: str) -> HttpResponse:
    raise RuntimeError(f"no such table: owners of {SECRET}")


class Broken(PublicView):
    """A view of the API's framework, which has an error handler of its own."""

    def get(self, request: Request, text: str) -> Response:
        raise RuntimeError(f"no such table: owners of {SECRET}")


class Routes:
    urlpatterns: ClassVar = [
        path("crash/<str:text>", broken),
        path("api/v1/crash/<str:text>", broken),
        path("api/v1/view/<str:text>", Broken.as_view()),
        path("", include("creditscore.urls")),
    ]
    handler500 = "creditscore.http.error_pages.server_error"


@pytest.fixture
def client(settings: Settings) -> Client:
    settings.ROOT_URLCONF = Routes
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("address", ["/crash/x", "/api/v1/crash/x", "/api/v1/view/x"])
def test_in_the_answer_and_in_the_log(client: Client, address: str, caplog: pytest.LogCaptureFixture) -> None:
    answer = client.get(address)
    assert answer.status_code == 500
    for told in (SECRET, "RuntimeError", "Traceback", "no such table", str(settings.BASE_DIR)):
        assert told not in answer.content.decode()
    [record] = [record for record in caplog.records if record.name == "django.request"]
    assert record.levelno == logging.ERROR
    assert address in record.getMessage()
    assert record.exc_info
    assert SECRET in str(record.exc_info[1])


@pytest.mark.parametrize("address", ["/api/v1/crash/x", "/api/v1/view/x"])
@pytest.mark.parametrize("accepted", ["*/*", "application/json", "text/html"])
def test_the_api_answers_with_a_problem_document(client: Client, address: str, accepted: str) -> None:
    answer = client.get(address, headers={"Accept": accepted, "Accept-Language": "en"})
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": WORDS,
        "code": "server_error",
    }


def test_an_address_cannot_begin_a_line_of_the_log(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.get("/crash/x%0A2026-01-01 00:00:00,000 ERROR accounts: forged%1B[31m")
    [record] = [record for record in caplog.records if record.name == "django.request"]
    assert "\n" not in record.getMessage()
    assert "\x1b" not in record.getMessage()


def test_lines_have_the_time_in_utc_and_debug_cannot_be_turned_on() -> None:
    environment = {
        "PATH": os.environ["PATH"],
        "DJANGO_SETTINGS_MODULE": "creditscore.settings",
        "VAR_DIR": str(settings.VAR_DIR),
        "TZ": "Asia/Tokyo",
        "DEBUG": "1",
    }
    result = subprocess.run(
        [sys.executable, "-c", f"import time; print(time.time())\n{PROGRAM}\nprint(time.time())"],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    began, debug, ended = result.stdout.split()
    assert debug == "False"
    [line] = result.stderr.splitlines()
    moment = re.fullmatch(r"(\S+ \S+),(\d{3}) WARNING accounts: something", line)
    assert moment
    written = datetime.fromisoformat(moment[1]).replace(tzinfo=UTC).timestamp()
    assert int(float(began)) <= written <= float(ended)
