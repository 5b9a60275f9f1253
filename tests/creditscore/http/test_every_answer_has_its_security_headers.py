"""Pages, the API, files and errors tell browsers what to load, where to show it, and to use HTTPS."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User

ANSWERS = [
    (reverse("home"), 200),
    (reverse("predictions:dashboard"), 200),
    (reverse("predictions:history-csv"), 200),
    (reverse("api:models"), 200),
    (reverse("api:me"), 200),
    (reverse("api:schema"), 200),
    (reverse("docs"), 200),
    (reverse("healthz"), 200),
    (reverse("readyz"), 503),
    (reverse("admin:index"), 302),
    (reverse("accounts:logout"), 405),
    ("/there-is-no-such-page", 404),
    ("/api/v1/there-is-no-such-address/", 404),
]
STYLES = "/static/css/base.css"
YEAR = 365 * 24 * 3600


@pytest.fixture
def browser(settings: Settings, alice: User, catalog: None) -> Client:
    """Alice's browser, as if HTTPS were on."""
    settings.SECURE_HSTS_SECONDS = YEAR
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    client = Client()
    client.force_login(alice)
    return client


def policy_of(header: str) -> dict[str, str]:
    directives = [directive.split() for directive in header.split(";")]
    return {name: " ".join(values) for name, *values in directives}


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_it_has_all_of_them(browser: Client, address: str, status: int) -> None:
    answer = browser.get(address, secure=True)
    assert answer.status_code == status
    assert answer["Strict-Transport-Security"] == f"max-age={YEAR}; includeSubDomains"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    # For browsers that do not know `frame-ancestors`.
    assert answer["X-Frame-Options"] == "DENY"
    policy = policy_of(answer["Content-Security-Policy"])
    # What a directive does not name falls back to the default: no plugins, frames or workers.
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert "unsafe" not in str(policy)
    assert policy["script-src"].split()[0] == "'self'"


@pytest.mark.parametrize("address", [STYLES, "/static/js/core.js", "/static/img/icon.svg"])
def test_static_files_are_taken_for_what_they_are(browser: Client, address: str) -> None:
    answer = browser.get(address, secure=True)
    answer.close()
    assert answer.status_code == 200
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Strict-Transport-Security"].startswith("max-age=")
    kinds = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
    assert answer["Content-Type"].split(";")[0] == kinds[address.rpartition(".")[2]]


@pytest.mark.parametrize(
    "address", ["/static/", "/static/css/", "/static/../manage.py", "/.git/config", "/.env"]
)
def test_no_folder_is_listed_and_nothing_else_is_a_file(browser: Client, address: str) -> None:
    assert browser.get(address).status_code == 404


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_no_other_site_may_read_it(browser: Client, address: str, status: int) -> None:
    answer = browser.get(address, headers={"Origin": "https://evil.example.org"})
    assert answer.status_code == status
    assert not [name for name in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_texts_say_their_encoding(browser: Client, address: str, status: int) -> None:
    kind = browser.get(address).headers["Content-Type"]
    json = {"application/json", "application/problem+json"}
    assert "charset=utf-8" in kind or kind in json or "openapi" in kind
