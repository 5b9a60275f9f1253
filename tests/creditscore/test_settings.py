"""Settings come from the environment, and production refuses insecure ones."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

TEST_PROVIDER = "billing.payments.InstantTestProvider"
GOOD = {
    "PRODUCTION": "1",
    "SECRET_KEY": "s" * 50,
    "JWT_SIGNING_KEY": "j" * 50,
    "SITE_URL": "https://creditscore.example",
    "PAYMENT_PROVIDER": TEST_PROVIDER,
    "EMAIL_URL": "smtp://mail.example.org:25",
}
PROGRAM = "import creditscore.settings as s; print(s.HTTPS, s.SESSION_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)"


def start(environment: dict[str, str], program: str = PROGRAM) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_production_starts_with_keys_of_its_own() -> None:
    assert start(GOOD).stdout == "True True True\n"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY must be set"),
        ({"JWT_SIGNING_KEY": None}, "JWT_SIGNING_KEY must be set"),
        ({"SECRET_KEY": "s" * 49}, "SECRET_KEY must be set"),
        ({"JWT_SIGNING_KEY": ""}, "JWT_SIGNING_KEY must be set"),
        ({"JWT_SIGNING_KEY": "s" * 50}, "JWT_SIGNING_KEY must differ"),
        ({"SITE_URL": None}, "SITE_URL must be set"),
        ({"SITE_URL": ""}, "SITE_URL must be an address"),
        ({"SITE_URL": "creditscore.example"}, "SITE_URL must be an address"),
        ({"SITE_URL": "https://creditscore.example/path"}, "SITE_URL must be an address"),
        ({"SITE_URL": "ftp://creditscore.example"}, "SITE_URL must be an address"),
        ({"SITE_URL": "http://creditscore.example"}, "SITE_URL must begin with https://"),
        ({"PAYMENT_PROVIDER": None}, "PAYMENT_PROVIDER must be set"),
        ({"PAYMENT_PROVIDER": ""}, "PAYMENT_PROVIDER must be set"),
        ({"METRICS_TOKEN": "t" * 19}, "METRICS_TOKEN must be"),
        ({"LOG_FORMAT": "xml"}, "LOG_FORMAT must be"),
        ({"EMAIL_URL": None}, "EMAIL_URL must be set"),
        ({"EMAIL_URL": "consolemail://"}, "EMAIL_URL must be set"),
        ({"EMAIL_URL": "dummymail://"}, "EMAIL_URL must be set"),
    ],
)
def test_production_refuses_unsafe_values(change: dict[str, str | None], named: str) -> None:
    result = start({name: value for name, value in (GOOD | change).items() if value is not None})
    assert result.returncode != 0
    assert named in result.stderr


@pytest.mark.parametrize("value", ["0", "-1", "", "x", "1.5", "1e3", "9" * 30, "٣", "1_0", "525601"])
@pytest.mark.parametrize("name", ["JWT_ACCESS_MINUTES", "JWT_REFRESH_DAYS"])
def test_lifetimes_of_tokens_must_make_sense(name: str, value: str) -> None:
    result = start({name: value})
    assert result.returncode != 0
    assert f"{name} must be a whole number from 1 to " in result.stderr.splitlines()[-1]


def test_lifetimes_of_tokens_can_be_set() -> None:
    program = (
        "from creditscore.settings import SIMPLE_JWT; "
        "print(SIMPLE_JWT['ACCESS_TOKEN_LIFETIME'], SIMPLE_JWT['REFRESH_TOKEN_LIFETIME'])"
    )
    assert (
        start({"JWT_ACCESS_MINUTES": "1", "JWT_REFRESH_DAYS": "90"}, program).stdout
        == "0:01:00 90 days, 0:00:00\n"
    )


@pytest.mark.parametrize("proxies", ["0", "1"])
def test_a_header_makes_no_request_secure_without_a_proxy(proxies: str) -> None:
    """Who sends it could post a form, or a password, over HTTP to a site that wants HTTPS."""
    program = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "host = {'Host': 'localhost', 'X-Forwarded-Proto': 'https'}\n"
        "print(Client().get('/api/v1/no-such-address/', headers=host).status_code)"
    )
    environment = GOOD | {"NUM_PROXIES": proxies, "DJANGO_SETTINGS_MODULE": "creditscore.settings"}
    answer = start(environment, program)
    assert answer.stdout == {"0": "301\n", "1": "404\n"}[proxies], answer.stderr


def test_secrets_are_read_from_files(tmp_path: Path) -> None:
    """Without a secret in the environment; a file that is missing is not replaced by a default.

    Most programs end a file with a line break, which is not part of the value.
    """
    given = {name: value for name, value in GOOD.items() if name != "SECRET_KEY"}
    given["SECRET_KEY_FILE"] = str(tmp_path / "key")
    program = "import creditscore.settings as s; print(s.SECRET_KEY)"
    assert "FileNotFoundError" in start(given, program).stderr
    (tmp_path / "key").write_text("f" * 50 + "\n")
    assert start(given, program).stdout == "f" * 50 + "\n"


@pytest.mark.parametrize("name", ["SITE_URL", "PAYMENT_PROVIDER", "EMAIL_URL"])
def test_what_production_needs_may_be_in_a_file(tmp_path: Path, name: str) -> None:
    given = {key: value for key, value in GOOD.items() if key != name}
    file = tmp_path / "value"
    file.write_text(GOOD[name] + "\n")
    assert start(given | {f"{name}_FILE": str(file)}).returncode == 0


def test_a_trial_is_none_in_production() -> None:
    program = "import creditscore.settings as s; print(s.TRIAL, s.TEST_PAYMENTS)"
    assert start({"TRIAL": "1"}, program).stdout == "True True\n"
    assert start(GOOD | {"TRIAL": "1"}, program).stdout == "False True\n"
    assert start({}, program).stdout == "False False\n"


def test_one_machine_needs_no_settings() -> None:
    assert start({}).stdout == "False False False\n"


@pytest.mark.parametrize(
    ("environment", "chosen"), [({}, "text"), (GOOD, "json"), (GOOD | {"LOG_FORMAT": "text"}, "text")]
)
def test_logs_are_json_in_production(environment: dict[str, str], chosen: str) -> None:
    assert start(environment, "import creditscore.settings as s; print(s.LOG_FORMAT)").stdout == f"{chosen}\n"


def test_every_variable_reaches_the_containers() -> None:
    in_the_image = {"VAR_DIR", "ARTIFACTS_DIR", "FILES_DIR", "VERSIONS_DIR", "METRICS_DIR", "PORT", "BIND"}
    explained = re.findall(r"^#([A-Z_]+)=", (settings.BASE_DIR / ".env.example").read_text(), re.M)
    compose = (settings.BASE_DIR / "docker-compose.yml").read_text()
    assert {name for name in explained if not re.search(rf"\b{name}\b", compose)} == in_the_image


@pytest.mark.parametrize(
    ("environment", "address"),
    [
        ({}, "http://127.0.0.1:8000"),
        ({"PORT": "18000"}, "http://127.0.0.1:18000"),
        ({"SITE_URL": "https://scores.example.org/"}, "https://scores.example.org"),
        (GOOD | {"SITE_URL": "http://localhost:8000", "HTTPS": "0"}, "http://localhost:8000"),
    ],
)
def test_the_address_of_the_site_is_known(environment: dict[str, str], address: str) -> None:
    assert start(environment, "import creditscore.settings as s; print(s.SITE_URL)").stdout == f"{address}\n"
