from pathlib import Path

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
    assert client.get("/admin/")["Location"] == "/account/password/"
    client.post("/account/password/", {"old_password": old, "new_password": NEW})
    assert client.get("/admin/").status_code == 200


def test_it_opens_no_api_either(password_file: Path) -> None:
    credentials = {"username": "operator", "password": password_file.read_text().strip()}
    answer = APIClient().post("/api/v1/auth/token/", credentials, format="json")
    assert (answer.status_code, answer.json()["code"]) == (403, "password_change_required")


def test_it_is_forgotten_once_it_has_been_used(password_file: Path) -> None:
    call_command("create_operator")
    assert password_file.exists()
    User.objects.update(must_change_password=False)
    call_command("create_operator")
    assert not password_file.exists()
    assert User.objects.count() == 1
