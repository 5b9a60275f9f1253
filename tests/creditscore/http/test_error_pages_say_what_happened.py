from typing import ClassVar

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path, reverse
from django.utils import translation
from django.views import defaults
from pytest_django import Settings

from accounts.models import User
from accounts.throttling import TooManyAttempts
from creditscore.http.middleware import ErrorPageMiddleware
from predictions.site.csv_files import EXPORTS, csv_response
from tests.support.clock import Forward
from tests.support.html import Page
from tests.support.page_checks import assert_obeys, assert_usable


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_crash_is_told_without_a_database(language: str) -> None:
    """No `db` fixture: a query would fail the test."""
    with translation.override(language):
        answer = defaults.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert Page(answer).all("html", lang=language)
    assert Page(answer).all("h1")[0].words


def test_a_bad_request_is_told_without_a_database() -> None:
    answer = defaults.bad_request(RequestFactory().get("/"), SuspiciousOperation())
    assert answer.status_code == 400
    assert "We could not process this request" in answer.content.decode()


def test_an_unknown_host_gets_a_page(client: Client) -> None:
    answer = client.get("/", headers={"Host": "evil.example.org"})
    assert answer.status_code == 400
    assert Page(answer).all("h1")


def test_a_missing_page_keeps_the_menu(alices: Client) -> None:
    answer = alices.get("/there-is-no-such-page")
    assert answer.status_code == 404
    assert "/predictions/new/" in Page(answer).links


def test_a_form_from_elsewhere_is_refused_in_plain_words(alice: object) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(alice)  # type: ignore[arg-type]
    answer = browser.post("/wallet/top-up/", {"amount": "5"})
    assert answer.status_code == 403
    assert "The form has expired" in answer.content.decode()


def test_a_forbidden_page_is_told(rf: RequestFactory, alice: object) -> None:
    request: HttpRequest = rf.get("/")
    request.user = alice  # type: ignore[assignment]
    answer: HttpResponse = defaults.permission_denied(request, PermissionDenied())
    assert answer.status_code == 403
    assert "You do not have access to this page" in answer.content.decode()


# --- What each page says, what it cost, and where it leads ---------------------------------------

EXPORT = "/there-is-an-export-here"


def throttled(request: HttpRequest) -> HttpResponse:
    raise TooManyAttempts(int(request.GET["seconds"]))


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("not foreseen")


class Routes:
    """The service's own addresses, a page with a limit, and one that crashes."""

    urlpatterns: ClassVar = [
        path(EXPORT.lstrip("/"), throttled),
        path(f"api/v1{EXPORT}", throttled),
        path("crash", broken),
        path("", include("creditscore.urls")),
    ]
    handler404 = "creditscore.http.error_pages.not_found"
    handler500 = "creditscore.http.error_pages.server_error"


@pytest.fixture
def routes(settings: Settings) -> None:
    settings.ROOT_URLCONF = Routes


@pytest.mark.parametrize(
    ("language", "seconds", "wait"),
    [
        ("en", 1, "Try again in 1 second."),
        ("en", 59, "Try again in 59 seconds."),
        ("en", 60, "Try again in 1 minute."),
        ("en", 61, "Try again in 2 minutes."),
        ("ru", 1, "через 1\u00a0секунду"),
        ("ru", 3, "через 3\u00a0секунды"),
        ("ru", 25, "через 25\u00a0секунд."),
        ("ru", 240, "через 4\u00a0минуты"),
        ("ru", 600, "через 10\u00a0минут."),
    ],
)
def test_a_limit_is_told_with_the_wait_in_words(
    alices: Client, routes: None, language: str, seconds: int, wait: str
) -> None:
    answer = alices.get(EXPORT, {"seconds": seconds}, headers={"Accept-Language": language})
    assert answer.status_code == 429
    assert answer["Retry-After"] == str(seconds)
    assert "no-store" in answer["Cache-Control"]
    assert wait in answer.content.decode()
    links = Page(answer).links
    assert f"{EXPORT}?seconds={seconds}" in links, "once more, later"
    assert reverse("predictions:history") in links
    assert_usable(answer)
    assert_obeys(answer)


def test_a_limit_reached_by_a_form_leads_back_to_its_page(alices: Client, routes: None) -> None:
    sender = {"Referer": "http://testserver/wallet/transactions/?kind=refund"}
    answer = alices.post(f"{EXPORT}?seconds=5", headers=sender)
    assert "/wallet/transactions/?kind=refund" in Page(answer).links
    for other in ({}, {"Referer": "https://evil.example.org/x"}, {"Referer": "nonsense"}):
        answer = alices.post(f"{EXPORT}?seconds=5", headers=other)
        assert answer.status_code == 429
        assert not [link for link in Page(answer).links if "evil" in link or "nonsense" in link]


def test_the_api_and_other_crashes_are_not_touched(alices: Client, routes: None) -> None:
    alices.raise_request_exception = False
    answer = alices.get(f"/api/v1{EXPORT}", {"seconds": 5})
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    answer = alices.get("/crash")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.content.decode()
    alices.raise_request_exception = True
    with pytest.raises(RuntimeError, match="not foreseen"):
        alices.get("/crash")


def test_a_file_that_is_asked_for_too_often_is_such_a_limit(
    alice: User, rf: RequestFactory, forward: Forward
) -> None:
    """What a view raises for it is what the page is made for."""
    for _ in range(EXPORTS.attempts):
        csv_response(alice, "x.csv", ["a"], [])
    with pytest.raises(TooManyAttempts) as refused:
        csv_response(alice, "x.csv", ["a"], [])
    request = rf.get("/x.csv")
    request.user = alice
    answer = ErrorPageMiddleware(lambda _request: HttpResponse()).process_exception(request, refused.value)
    assert answer is not None
    assert answer.status_code == 429


COST = {"en": ("Nothing was charged", "charged"), "ru": ("Ничего не\u00a0списано", "оплачен")}


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("signed", [False, True])
def test_every_page_says_what_it_cost_and_leads_on(
    client: Client, alices: Client, routes: None, operator: User, language: str, signed: bool
) -> None:
    browser = alices if signed else Client()
    browser.raise_request_exception = False
    header = {"Accept-Language": language}
    checked = Client(enforce_csrf_checks=True, raise_request_exception=False)
    checked.cookies = browser.cookies
    answers = [
        browser.get("/", headers=header | {"Host": "evil.example.org"}),
        checked.post("/account/logout/", headers=header),
        browser.get("/there-is-no-such-page", headers=header),
        browser.get("/account/logout/", headers=header),
        browser.get(EXPORT, {"seconds": 5}, headers=header),
        browser.get("/crash", headers=header),
    ]
    if signed:
        answers.append(browser.get("/admin/login/", headers=header))
    codes = [answer.status_code for answer in answers]
    assert codes == [400, 403, 404, 405, 429, 500, *([403] if signed else [])]
    nothing, truth = COST[language]
    for answer in answers:
        page = Page(answer)
        assert page.all("html", lang=language)
        assert (truth if answer.status_code == 500 else nothing) in answer.content.decode()
        assert page.all("h1")[0].words
        buttons = {
            link.attributes["href"] for link in page.all("a") if "button" in link.attributes.get("class", "")
        }
        if answer.status_code == 500:
            assert reverse("predictions:history") in buttons
        elif answer.status_code != 400:
            home = reverse("predictions:history") if signed else "/"
            assert home in buttons
            assert_usable(answer)
            assert_obeys(answer)


def test_an_address_that_only_takes_forms_says_so_and_stays_405(alices: Client) -> None:
    answer = alices.get("/account/logout/")
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert Page(answer).all("h1")
    assert alices.get("/api/v1/auth/token/")["Content-Type"] == "application/problem+json"


def test_a_form_with_an_old_key_leads_back_to_its_page(alice: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    sender = "http://testserver/account/register/?next=/models/"
    answer = browser.post(
        "/account/register/", {"username": "x"}, headers={"Origin": "http://testserver", "Referer": sender}
    )
    assert answer.status_code == 403
    assert "/account/register/?next=/models/" in Page(answer).links


@pytest.mark.parametrize(
    ("sender", "link"),
    [
        ("http://testserver/wallet/top-up/?amount=5", "/wallet/top-up/?amount=5"),
        ("http://[", None),
        ("http://testserver//evil.example/x", None),
        ("http://testserver/\\evil.example", None),
        ("http://evil.example/x", None),
    ],
)
def test_an_old_form_leads_back_on_this_host_alone(db: None, sender: str, link: str | None) -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("billing:top-up"), headers={"Referer": sender})
    assert answer.status_code == 403
    assert not [address for address in Page(answer).links if "evil" in address]
    assert link is None or link in Page(answer).links


@pytest.mark.parametrize("method", ["options", "post", "delete"])
def test_the_documentation_takes_no_other_method(client: Client, method: str) -> None:
    assert getattr(client, method)(reverse("docs")).status_code == 405
