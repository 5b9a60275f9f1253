"""Any characters, up to 128 of them, unchanged; only short, common, numeric and obvious ones are refused."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.support.html import Page

REGISTER, LOGIN = reverse("accounts:register"), reverse("accounts:login")
NEVER_ASKED_FOR = [
    "kqzvbwmj",  # eight small letters
    "KQZVBWMJ",
    "!?#%&*()",
    "kq zv bw mj",
    " kqzvbwmj ",
    "пароль-не-из-словаря",
    "🐌🐢🦥🐌🐢🦥🐌🐢",
    "k" * 63 + "q",
    "kqzvbwmj" * 16,
]


def sign_up(password: str, name: str = "carol") -> int:
    sent = {"username": name, "email": f"{name}@example.org", "password": password}
    return Client().post(REGISTER, sent).status_code


def logs_in(password: str) -> bool:
    return Client().post(LOGIN, {"username": "carol", "password": password}).status_code == 302


@pytest.mark.parametrize("password", NEVER_ASKED_FOR)
def test_no_composition_is_asked_for_and_nothing_is_changed(catalog: None, password: str) -> None:
    assert sign_up(password) == 302
    assert logs_in(password)
    for other in {password.strip(), password.swapcase(), password[:-1], password + "x"} - {password}:
        assert not logs_in(other), other


@pytest.mark.parametrize(
    "password", ["kqzvbwm", "59308127446", "iloveyou", "carol@example.org", "kqzvbwmj" * 17]
)
def test_others_are_refused(db: None, password: str) -> None:
    assert sign_up(password) == 422
    assert not User.objects.exists()


def test_thousands_of_common_ones_are_known() -> None:
    assert sum(len(password) >= 8 for password in CommonPasswordValidator().passwords) >= 3000


@pytest.mark.parametrize(
    ("name", "address", "autocomplete"),
    [("password", LOGIN, "current-password"), ("password", REGISTER, "new-password")],
)
def test_managers_can_fill_them_in(db: None, name: str, address: str, autocomplete: str) -> None:
    [field] = Page(Client().get(address)).all("input", name=name)
    assert field.attributes["type"] == "password"
    assert field.attributes["autocomplete"] == autocomplete


def test_no_script_prevents_pasting() -> None:
    scripts = list((settings.BASE_DIR / "static/js").glob("*.js"))
    assert scripts
    assert not [script.name for script in scripts if "paste" in script.read_text()]


def test_they_cost_an_attacker_2_to_the_12_rounds(tmp_path: object) -> None:
    """In a process of its own, because the tests hash cheaply."""
    program = (
        "import django; django.setup();"
        "from django.contrib.auth.hashers import make_password; print(make_password('kqzvbwmj'))"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "creditscore.settings", "VAR_DIR": str(settings.VAR_DIR)}
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert result.stdout.startswith("bcrypt_sha256$$2b$12$")
