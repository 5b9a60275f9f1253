"""What opens an account without a password that somebody chose has at least 128 random bits."""

import re
from math import log2
from pathlib import Path

from django.core.management import call_command
from django.test import Client
from pytest_django import Settings

from accounts.models import User

LETTERS_AND_DIGITS, BASE64 = 36, 64


def test_the_operators_one_time_password(db: None, settings: Settings, tmp_path: Path) -> None:
    passwords = set()
    for name in ("one", "two"):
        settings.VAR_DIR = tmp_path / name
        settings.VAR_DIR.mkdir()
        User.objects.all().delete()
        call_command("create_operator")
        passwords.add((settings.VAR_DIR / "operator-password").read_text().strip())
    assert len(passwords) == 2
    for password in passwords:
        assert re.fullmatch(r"[\w-]+", password)
        assert int(len(password) * log2(BASE64)) >= 128


def test_the_key_of_a_session(alice: User) -> None:
    keys = set()
    for _ in range(2):
        client = Client()
        client.force_login(alice)
        keys.add(client.cookies["sessionid"].value)
    assert len(keys) == 2
    for key in keys:
        assert re.fullmatch(r"[a-z0-9]+", key)
        assert len(key) * log2(LETTERS_AND_DIGITS) >= 128
