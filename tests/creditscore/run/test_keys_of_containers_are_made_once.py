"""The containers' secrets: a trial makes them once, production brings its own; neither becomes the other."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import environ
import pytest
from django.conf import settings

ADDRESS = "postgres://creditscore@postgres:5432/creditscore"
GIVEN = {
    "PRODUCTION": "1",
    "SECRET_KEY": "s" * 50,
    "JWT_SIGNING_KEY": "j" * 50,
    "POSTGRES_PASSWORD": "p/a:s@s%d",
    "ALLOWED_HOSTS": "creditscore.example",
    "SITE_URL": "https://creditscore.example",
    "PAYMENT_PROVIDER": "billing.payments.InstantTestProvider",
    "EMAIL_URL": "smtp://user:password@mail.example.org:25",
}
MODES = {
    "database_url": 0o600,
    "email_url": 0o600,
    "jwt_signing_key": 0o600,
    "metrics_token": 0o600,
    "mode": 0o600,
    "postgres_password": 0o640,
    "secret_key": 0o600,
    "sentry_dsn": 0o600,
}


def run(folder: Path, environment: dict[str, str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "creditscore.run.keys", str(folder)],
        cwd=settings.BASE_DIR,
        env={"PATH": os.environ["PATH"], "DATABASE_URL": ADDRESS, "PRODUCTION": "0"} | environment,
        capture_output=True,
        text=True,
        umask=0o022,
        check=False,
    )


def content(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in folder.iterdir()}


def test_a_trial_makes_keys_once(tmp_path: Path) -> None:
    result = run(tmp_path, {})
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    made = content(tmp_path)
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == MODES
    keys = [made[name] for name in ("secret_key", "jwt_signing_key", "postgres_password")]
    assert len(set(keys)) == 3
    assert all(len(key) >= 50 for key in keys)
    assert environ.Env.db_url_config(made["database_url"])["PASSWORD"] == made["postgres_password"]
    assert [made[name] for name in ("email_url", "metrics_token", "sentry_dsn")] == ["consolemail://", "", ""]

    assert run(tmp_path, {}).returncode == 0
    assert content(tmp_path) == made


def test_two_trials_have_different_keys(tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        run(tmp_path / name, {})
    assert content(tmp_path / "one")["secret_key"] != content(tmp_path / "other")["secret_key"]


def test_production_brings_its_own_and_may_change_them(tmp_path: Path) -> None:
    for change in ({}, {"SECRET_KEY": "t" * 50, "POSTGRES_PASSWORD": "another"}):
        given = GIVEN | change | {"METRICS_TOKEN": "m" * 20, "SENTRY_DSN": "https://key@sentry.example/1"}
        result = run(tmp_path, given)
        assert (result.returncode, result.stderr) == (0, "")
        written = content(tmp_path)
        for name in given.keys() - {"PRODUCTION", "ALLOWED_HOSTS", "SITE_URL", "PAYMENT_PROVIDER"}:
            assert written[name.lower()] == given[name]
        database = environ.Env.db_url_config(written["database_url"])
        assert (database["PASSWORD"], database["HOST"]) == (given["POSTGRES_PASSWORD"], "postgres")
    assert {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()} == MODES


@pytest.mark.parametrize("value", [None, ""])
@pytest.mark.parametrize("name", [name for name in GIVEN if name != "PRODUCTION"])
def test_production_needs_every_one(tmp_path: Path, name: str, value: str | None) -> None:
    given = {key: text for key, text in (GIVEN | {name: value}).items() if text is not None}
    result = run(tmp_path, given)
    assert result.returncode == 1
    assert f"are missing: {name}." in result.stderr
    assert content(tmp_path) == {}


def test_a_trial_does_not_become_production(tmp_path: Path) -> None:
    run(tmp_path, {})
    before = content(tmp_path)
    result = run(tmp_path, GIVEN)
    assert result.returncode == 1
    assert "these volumes hold a trial" in result.stderr
    assert content(tmp_path) == before


def test_production_does_not_become_a_trial(tmp_path: Path) -> None:
    """Such as by a `.env` that is gone, or that is of a version without `PRODUCTION`."""
    run(tmp_path, GIVEN)
    before = content(tmp_path)
    result = run(tmp_path, {})
    assert result.returncode == 1
    assert "PRODUCTION=1 is not set" in result.stderr
    assert content(tmp_path) == before

    (tmp_path / "new").mkdir()
    result = run(tmp_path / "new", GIVEN | {"PRODUCTION": "0"})
    assert result.returncode == 1
    assert "POSTGRES_PASSWORD is set, but PRODUCTION=1 is not" in result.stderr
    assert content(tmp_path / "new") == {}


def test_a_volume_that_is_missing_is_named(tmp_path: Path) -> None:
    result = run(tmp_path / "absent", {})
    assert result.returncode == 1
    assert "The volume of the keys cannot be used" in result.stderr
    assert "Traceback" not in result.stderr
    assert not (tmp_path / "absent").exists()
