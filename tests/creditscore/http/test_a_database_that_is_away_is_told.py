"""While the database is away, every page and every API call that needs it says so, and when to come back."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.contrib import messages
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path, reverse
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Wallet
from billing.services import new_request_key
from creditscore.http import database
from predictions.orders.comparisons import order_comparison
from predictions.scoring.schema import Applicant
from tests.support.addresses import ADMIN, OWN
from tests.support.html import Page
from tests.support.orders import Bought
from tests.support.outages import Lock
from tests.support.page_checks import assert_obeys
from tests.support.people import ApiClientFor, give_money
from tests.support.processes import free_port
from tests.support.site_routes import SiteRoute, site_routes

pytestmark = pytest.mark.django_db(transaction=True)
# What is found out without the database.
NEEDLESS = {200, 301, 302, 308, 400, 401, 403, 404, 405, 406, 413, 415, 422}


@pytest.fixture
def browsers(
    alice: User, operator: User, catalog: None, api: ApiClientFor
) -> tuple[Client, Client, Client, APIClient]:
    """A stranger's, alice's, the operator's, and alice's program."""
    give_money(alice, 1000_00)
    stranger, alices, operators = Client(), Client(), Client()
    alices.force_login(alice)
    operators.force_login(operator)
    browsers = (stranger, alices, operators, api(alice))
    for browser in browsers:
        browser.raise_request_exception = False
    return browsers


@pytest.fixture
def addresses(alice: User, applicant: Applicant, bought: Bought) -> list[tuple[SiteRoute, str]]:
    """Every route, with an address of something that exists."""
    give_money(alice, 1000_00)
    comparison = order_comparison(user=alice, applicant=applicant, request_key=new_request_key())
    prediction = bought()
    return [(route, route.path(prediction, comparison)) for route in site_routes()]


@pytest.fixture(autouse=True)
def _not_logged_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_logged", float("-inf"))


@pytest.fixture
def away(
    browsers: tuple[Client, ...], addresses: list[tuple[SiteRoute, str]], tmp_path: Path
) -> Iterator[None]:
    """Nothing listens where PostgreSQL was; SQLite's file cannot be opened."""
    usual = dict(connection.settings_dict)
    connection.close()
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = tmp_path
    else:
        connection.settings_dict["PORT"] = free_port()
    yield
    connection.close()
    connection.settings_dict.update(usual)


def test_every_route_answers(
    browsers: tuple[Client, ...],
    addresses: list[tuple[SiteRoute, str]],
    away: None,
    caplog: pytest.LogCaptureFixture,
) -> None:
    told, began = set(), time.monotonic()
    for number, browser in enumerate(browsers):
        for route, address in addresses:
            for method in ("GET", "POST"):
                content: Any = {"content_type": "application/json"} if route.space == "api" else {}
                answer: Any = browser.generic(method, address, "" if method == "GET" else "{}", **content)
                where = (number, method, address, answer.status_code)
                if answer.status_code == 503:
                    told.add((number, route.name))
                    assert answer.get("Retry-After") == "5" or route.name in ("healthz", "readyz"), where
                    assert "no-store" in answer["Cache-Control"], where
                    assert answer["X-Content-Type-Options"] == "nosniff", where
                else:
                    assert answer.status_code in NEEDLESS, where
                assert "sessionid" not in answer.cookies, where
    assert len(told) > 150
    # Not a line for each request, and no traceback.
    assert 1 <= len(caplog.records) <= 1 + (time.monotonic() - began) / database.LOG_SECONDS
    for record in caplog.records:
        assert record.levelno == logging.ERROR
        assert record.getMessage().startswith("the database is unavailable: ")
        assert not record.exc_info


@pytest.mark.parametrize("language", ["en", "ru"])
def test_pages_say_so_in_the_readers_language(
    browsers: tuple[Client, ...], away: None, language: str, settings: Settings
) -> None:
    settings.TRIAL = True
    trial = {"en": "This is a trial.", "ru": "Это пробный запуск."}[language]
    _stranger, alices, operators, _program = browsers
    title = {"en": "The service is temporarily unavailable", "ru": "Сервис временно недоступен"}[language]
    wait = {"en": "Try again in 5 seconds.", "ru": "через 5\u00a0секунд"}[language]
    for browser, addresses in ((alices, OWN), (operators, ADMIN)):
        for address in addresses:
            answer = browser.get(address, headers={"Accept-Language": language})
            assert answer.status_code == 503, address
            page = Page(answer)
            assert page.all("html", lang=language), address
            assert page.all("h1")[0].words == title
            assert wait in answer.content.decode()
            assert trial in answer.content.decode()
            assert address in page.links, "once more, later"
            assert_obeys(answer)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_programs_get_a_code(browsers: tuple[Client, ...], away: None, language: str) -> None:
    answer = browsers[3].get(reverse("api:me"), headers={"Accept-Language": language})
    assert answer.status_code == 503
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Retry-After"] == "5"
    problem: dict[str, Any] = answer.json()
    assert (problem["status"], problem["code"]) == (503, "database_unavailable")
    assert {"en": "Try again later", "ru": "Повторите запрос позже"}[language] in problem["detail"]


def test_health_is_down(browsers: tuple[Client, ...], away: None) -> None:
    answer = browsers[0].get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["database"] == "down"


def test_what_is_locked_is_not_waited_for_without_end(
    browsers: tuple[Client, ...], alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.1)
    database._set_limits(connection)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA busy_timeout = 100")
    other = Lock() if connection.vendor == "sqlite" else RowLock()
    before = Wallet.objects.get(user=alice).balance
    other.begin()
    sent = {"amount": "5", "request_key": new_request_key()}
    answer = browsers[1].post(reverse("billing:top-up"), sent)
    assert answer.status_code == 503
    assert Wallet.objects.get(user=alice).balance == before
    other.end()
    assert browsers[1].post(reverse("billing:top-up"), sent).status_code == 302
    assert Wallet.objects.get(user=alice).balance == before + 5_00


class RowLock:
    """Another connection has locked every wallet of PostgreSQL."""

    def __init__(self) -> None:
        self._connection = connections["default"].copy()

    def begin(self) -> None:
        self._connection.set_autocommit(False)
        with self._connection.cursor() as cursor:
            cursor.execute("SELECT * FROM billing_wallet FOR UPDATE")

    def end(self) -> None:
        self._connection.close()


def wrong(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SELECT missing FROM there_is_no_such_table")
    return HttpResponse()


def cut_off(request: HttpRequest) -> HttpResponse:
    """The database goes away after the page has said something to the user."""
    messages.success(request, "Done")
    connection.close()
    if connection.vendor == "sqlite":
        connection.settings_dict["NAME"] = "/"
    else:
        connection.settings_dict["PORT"] = free_port()
    User.objects.exists()
    return HttpResponse()


class Routes:
    urlpatterns: ClassVar = [
        path("wrong", wrong),
        path("cut-off", cut_off),
        path("", include("creditscore.urls")),
    ]
    handler500 = "creditscore.http.error_pages.server_error"


def test_a_wrong_statement_is_an_error_of_ours(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.ROOT_URLCONF = Routes
    answer = Client(raise_request_exception=False).get("/wrong")
    assert answer.status_code == 500
    [record] = caplog.records
    assert record.exc_info


def test_it_can_go_away_in_the_middle_of_a_page(settings: Settings, browsers: tuple[Client, ...]) -> None:
    settings.ROOT_URLCONF = Routes
    usual = dict(connection.settings_dict)
    answer = browsers[1].get("/cut-off")
    connection.close()
    connection.settings_dict.update(usual)
    assert (answer.status_code, answer.get("Retry-After")) == (503, "5")
