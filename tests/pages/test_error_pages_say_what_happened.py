import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.utils import translation
from django.views import defaults

from tests.pages.page import Page


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
    assert "could not be understood" in answer.content.decode()


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
    assert "The form was too old" in answer.content.decode()


def test_a_forbidden_page_is_told(rf: RequestFactory, alice: object) -> None:
    request: HttpRequest = rf.get("/")
    request.user = alice  # type: ignore[assignment]
    answer: HttpResponse = defaults.permission_denied(request, PermissionDenied())
    assert answer.status_code == 403
    assert "This page is not for you" in answer.content.decode()
