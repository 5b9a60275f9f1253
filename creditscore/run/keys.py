"""Writes the secrets of the containers into files of a volume: ``python -m creditscore.run.keys FOLDER``.

A trial's are made once. In production they come from the environment, and all that is required is checked
here, before any other container starts. The volume remembers which of the two it belongs to, so that neither
becomes the other because a variable is missing.
"""

import os
import secrets
import sys
from pathlib import Path
from urllib.parse import quote, urlsplit

import environ

# What a trial makes, with the modes of the files. PostgreSQL reads its password as another user of the group.
KEYS = {"SECRET_KEY": 0o600, "JWT_SIGNING_KEY": 0o600, "POSTGRES_PASSWORD": 0o640}
REQUIRED = (*KEYS, "ALLOWED_HOSTS", "SITE_URL", "PAYMENT_PROVIDER", "EMAIL_URL")
REFUSALS = {
    "trial": (
        "PRODUCTION=1 is not set, but these volumes belong to a service in production. Set it in `.env` and "
        "everything else that was there."
    ),
    "production": (
        "PRODUCTION=1 is set, but these volumes hold a trial, whose money is not real. Delete it first: "
        "docker compose down --volumes"
    ),
}


def main() -> None:
    folder = Path(sys.argv[1])
    production = environ.Env().bool("PRODUCTION", False)
    if production:
        check_production()
    elif os.environ.get("POSTGRES_PASSWORD"):
        sys.exit("POSTGRES_PASSWORD is set, but PRODUCTION=1 is not. A trial makes its own password.")
    try:
        claim(folder, "production" if production else "trial")
        values = {name: os.environ[name] if production else made_once(folder / name.lower()) for name in KEYS}
        for name, mode in KEYS.items():
            write(folder / name.lower(), values[name], mode)
        write(folder / "database_url", database_url(os.environ["DATABASE_URL"], values["POSTGRES_PASSWORD"]))
        write(folder / "email_url", os.environ.get("EMAIL_URL") or "consolemail://")
        write(folder / "metrics_token", os.environ.get("METRICS_TOKEN", ""))
        write(folder / "sentry_dsn", os.environ.get("SENTRY_DSN", ""))
    except OSError as error:
        sys.exit(f"The volume of the keys cannot be used: {error}")


def check_production() -> None:
    """Exit if anything is missing. The settings check the values."""
    if missing := [name for name in REQUIRED if not os.environ.get(name)]:
        sys.exit(f"PRODUCTION=1 is set, but these are missing: {', '.join(missing)}. See `.env.example`.")


def claim(folder: Path, mode: str) -> None:
    """Note in an empty folder what it belongs to; exit if it belongs to something else."""
    file = folder / "mode"
    if not file.exists():
        write(file, mode)
    elif file.read_text() != mode:
        sys.exit(REFUSALS[mode])


def made_once(file: Path) -> str:
    """Return the key in `file`, or a new one if there is none."""
    return file.read_text() if file.exists() else secrets.token_urlsafe(50)


def database_url(address: str, password: str) -> str:
    """Return the address with the password in it."""
    parts = urlsplit(address)
    user, _at, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user}:{quote(password, safe='')}@{host}").geturl()


def write(file: Path, text: str, mode: int = 0o600) -> None:
    """Write a file that nobody ever sees half written, or with wider rights."""
    new = file.with_suffix(".new")
    new.unlink(missing_ok=True)
    new.touch(0o600)
    new.write_text(text)
    new.chmod(mode)
    new.replace(file)


if __name__ == "__main__":
    main()
