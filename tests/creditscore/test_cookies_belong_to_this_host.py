"""Every cookie is for this host alone, says when browsers may send it, and is secure where HTTPS is."""

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing.services import new_request_key
from tests.support.people import PASSWORD

KINDS = ("SESSION", "CSRF", "LANGUAGE")


def cookie_settings(https: str) -> list[str]:
    """The names of the cookies, then whether each is secure, as a new process reads them."""
    program = "; ".join(
        ["import creditscore.settings as s"]
        + [f"print(*(getattr(s, k + '_COOKIE_{part}') for k in {KINDS!r}))" for part in ("NAME", "SECURE")]
    )
    environment = {"PATH": os.environ["PATH"], "HTTPS": https, "VAR_DIR": str(settings.VAR_DIR)}
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return result.stdout.splitlines()


def test_with_https_their_names_have_the_prefix_that_browsers_enforce() -> None:
    names, secure = cookie_settings("1")
    assert [name[:7] for name in names.split()] == ["__Host-"] * 3
    assert secure == "True True True"


def test_without_https_they_have_none_because_browsers_would_drop_them() -> None:
    names, secure = cookie_settings("0")
    assert "__" not in names
    assert secure == "False False False"


@pytest.fixture
def behind_https(settings: Settings) -> None:
    for kind in KINDS:
        name = getattr(settings, f"{kind}_COOKIE_NAME")
        setattr(settings, f"{kind}_COOKIE_NAME", f"__Host-{name}")
        setattr(settings, f"{kind}_COOKIE_SECURE", True)


def test_what_browsers_get_has_all_attributes(alice: User, catalog: None, behind_https: None) -> None:
    """Sign-up, log-in, messages and the language: everything that sets a cookie."""
    client = Client()
    client.get(reverse("accounts:login"))
    client.post(reverse("accounts:login"), {"username": "alice", "password": PASSWORD})
    client.post(reverse("set_language"), {"language": "ru"})
    client.post(reverse("billing:top-up"), {"amount": "5", "request_key": new_request_key()})
    # Sent to the log-in page alone, which the prefix does not allow.
    del client.cookies["known_device"]
    assert set(client.cookies) == {"__Host-sessionid", "__Host-csrftoken", "__Host-language"}
    for name, cookie in client.cookies.items():
        assert (cookie["path"], cookie["domain"]) == ("/", ""), name
        assert cookie["samesite"] == "Lax", name
        assert cookie["secure"], name
        # The token against forged requests is in every form as well.
        assert bool(cookie["httponly"]) is (name != "__Host-csrftoken"), name


def test_a_message_waits_in_the_session(client: Client, catalog: None) -> None:
    sent = {"username": "carol", "email": "carol@example.org", "password": "kettle-ocean-42"}
    client.post(reverse("accounts:register"), sent)
    assert set(client.cookies) <= {"sessionid", "csrftoken", "known_device"}
    assert "Welcome, carol." in client.get(reverse("home")).content.decode()
    assert "Welcome, carol." not in client.get(reverse("home")).content.decode()
