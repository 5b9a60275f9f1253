from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from accounts.models import User

NEW = "another horse battery staple"


@pytest.fixture
def password_file(db: None, settings: Settings, tmp_path: Path) -> Path:
    settings.VAR_DIR = tmp_path
    call_command("create_operator")
    return tmp_path / "operator-password"


def test_it_is_kept_where_its_owner_alone_can_read_it(password_file: Path) -> None:
    assert password_file.stat().st_mode & 0o777 == 0o600
    assert User.objects.get().check_password(password_file.read_text().strip())


def test_it_leads_to_the_password_change_and_nowhere_else(password_file: Path) -> None:
    client, old = Client(), password_file.read_text().strip()
    client.post("/account/login/", {"username": "operator", "password": old})
    for path in ("/admin/", "/dashboard/", "/docs/", "/"):
        assert client.get(path)["Location"] == f"/account/password/?{urlencode({'next': path})}"
    client.post("/account/password/", {"old_password": old, "new_password": NEW})
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize(
    ("asked", "then"),
    [("/admin/?x=1", "/admin/?x=1"), ("//example.org/", "/dashboard/"), ("", "/dashboard/")],
)
def test_after_the_change_it_leads_to_what_was_asked_for(password_file: Path, asked: str, then: str) -> None:
    client, old = Client(), password_file.read_text().strip()
    client.post("/account/login/", {"username": "operator", "password": old})
    address = f"/account/password/?{urlencode({'next': asked})}"
    sent = client.post(address, {"old_password": old, "new_password": NEW})
    assert sent["Location"] == then


def test_it_opens_no_api_either(password_file: Path) -> None:
    credentials = {"username": "operator", "password": password_file.read_text().strip()}
    answer = APIClient().post("/api/v1/auth/token/", credentials, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "password_change_required")


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "me/"),
        ("GET", "balance/"),
        ("POST", "top-ups/"),
        ("GET", "transactions/"),
        ("GET", "predictions/"),
        ("POST", "predictions/"),
        ("GET", "predictions/00000000-0000-4000-8000-000000000000/"),
        ("PATCH", "predictions/00000000-0000-4000-8000-000000000000/"),
        ("POST", "predictions/00000000-0000-4000-8000-000000000000/what-if/"),
        ("GET", "comparisons/"),
        ("POST", "comparisons/"),
    ],
)
def test_a_session_with_it_is_told_so_by_the_api(
    alice: User, client: Client, method: str, path: str, language: str
) -> None:
    User.objects.update(must_change_password=True)
    client.force_login(alice)
    answer = client.generic(
        method, f"/api/v1/{path}", "{}", "application/json", headers={"Accept-Language": language}
    )
    assert (answer.status_code, answer["Content-Type"]) == (403, "application/problem+json")
    assert answer.json()["code"] == "password_change_required"
    assert answer.json()["detail"].isascii() is (language == "en")


def test_it_is_told_in_the_browsable_api_too_and_leaves_what_is_public(
    alice: User, client: Client, catalog: None
) -> None:
    User.objects.update(must_change_password=True)
    client.force_login(alice)
    page = client.get("/api/v1/me/", headers={"Accept": "text/html"})
    assert (page.status_code, page["Content-Type"]) == (403, "text/html; charset=utf-8")
    assert client.get("/api/v1/models/").status_code == 200
    missing = client.get("/api/v1/there-is-no-such-address/")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")


def test_it_is_forgotten_once_it_has_been_used(password_file: Path) -> None:
    call_command("create_operator")
    assert password_file.exists()
    User.objects.update(must_change_password=False)
    call_command("create_operator")
    assert not password_file.exists()
    assert User.objects.count() == 1
