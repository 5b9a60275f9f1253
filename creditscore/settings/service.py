"""Where the service runs, its keys, and what it sells."""

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from environ.fileaware_mapping import FileAwareMapping

from creditscore.run.private_files import keep_private


class Variables(FileAwareMapping):  # type: ignore[misc]  # has no types
    """The environment; NAME is read from the file that NAME_FILE names, if there is such a variable."""

    def __getitem__(self, name: str) -> str:
        # Most programs end a file with a line break.
        return str(super().__getitem__(name)).rstrip("\r\n")


class Environment(environ.Env):  # type: ignore[misc]  # has no types
    ENVIRON = Variables()


env = Environment()
BASE_DIR = Path(__file__).resolve().parent.parent.parent
INSECURE_KEY = "insecure-key-for-one-machine-only-do-not-serve-with-it"


def secret(name: str) -> str:
    """Return a signing key: optional in development, required and checked in production."""
    key: str = env.str(name, INSECURE_KEY)
    if PRODUCTION and (key == INSECURE_KEY or len(key) < 50):
        raise ImproperlyConfigured(f"{name} must be set to a random text of at least 50 characters.")
    return key


def whole(name: str, default: int, minimum: int, maximum: int) -> int:
    """Return a whole number. Raises `ImproperlyConfigured` unless it is within the bounds."""
    text: str = env.str(name, str(default))
    if not re.fullmatch(r"\s*[0-9]{1,9}\s*", text) or not minimum <= int(text) <= maximum:
        raise ImproperlyConfigured(f"{name} must be a whole number from {minimum} to {maximum}: {text!r}.")
    return int(text)


def site_url() -> str:
    """Return the public address of the site, which links in mails begin with; required in production."""
    address: str = env.str("SITE_URL", f"http://127.0.0.1:{env.str('PORT', '8000')}")
    address = address.removesuffix("/")
    parts = urlsplit(address)
    if PRODUCTION and "SITE_URL" not in env.ENVIRON:
        raise ImproperlyConfigured("SITE_URL must be set to the public address: https://example.org")
    if parts.scheme not in ("http", "https") or address != f"{parts.scheme}://{parts.netloc}":
        raise ImproperlyConfigured("SITE_URL must be an address without a path: https://example.org")
    if PRODUCTION and HTTPS and parts.scheme != "https":
        raise ImproperlyConfigured("SITE_URL must begin with https:// unless HTTPS=0.")
    return address


# --- Where it runs -----------------------------------------------------------------------------
PRODUCTION = env.bool("PRODUCTION", False)
HTTPS = env.bool("HTTPS", PRODUCTION)
DEBUG = False
VAR_DIR = Path(env.str("VAR_DIR", str(BASE_DIR / "var")))
# Every process of the service reads the settings before it creates files.
keep_private(VAR_DIR, BASE_DIR)
if not PRODUCTION:
    VAR_DIR.mkdir(exist_ok=True)
SECRET_KEY = secret("SECRET_KEY")
JWT_SIGNING_KEY = secret("JWT_SIGNING_KEY")
if PRODUCTION and JWT_SIGNING_KEY == SECRET_KEY:
    raise ImproperlyConfigured("JWT_SIGNING_KEY must differ from SECRET_KEY.")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
SITE_URL = site_url()
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# The number of proxies in front that add to X-Forwarded-For; with 0 the peer is the client.
NUM_PROXIES = env.int("NUM_PROXIES", 0)
# A client has this long to send a request, and to take each further 256 KB of an answer.
SLOW_CLIENT_SECONDS = env.float("SLOW_CLIENT_SECONDS", 30)

# --- What is sold ------------------------------------------------------------------------------
CURRENCY = env.str("CURRENCY", "USD")
# Amounts in minor units (cents).
WELCOME_CREDIT = int(Decimal(env.str("WELCOME_CREDIT", "0")) * 100)
TEST_PROVIDER = "billing.payments.InstantTestProvider"
PAYMENT_PROVIDER = env.str("PAYMENT_PROVIDER", "billing.payments.InstantTestProvider")
if PRODUCTION and not ("PAYMENT_PROVIDER" in env.ENVIRON and PAYMENT_PROVIDER):
    raise ImproperlyConfigured(
        f"PAYMENT_PROVIDER must be set to a payment provider's class. {TEST_PROVIDER} takes no real money."
    )
# In containers without PRODUCTION=1. Every page says that, and that payments are not real.
TRIAL = env.bool("TRIAL", False) and not PRODUCTION
TEST_PAYMENTS = (PRODUCTION or TRIAL) and PAYMENT_PROVIDER == TEST_PROVIDER
# The discount on all models for one applicant, compared with separate orders.
COMPARISON_DISCOUNT_PERCENT = env.int("COMPARISON_DISCOUNT_PERCENT", 20)
# Limits of a customer; 0 means none.
ORDERS_PER_MINUTE = env.int("ORDERS_PER_MINUTE", 3000)
EXPLANATIONS_PER_MINUTE = env.int("EXPLANATIONS_PER_MINUTE", 120)
# Payments from this amount on are reviewed before they are made.
CONFIRM_FROM = int(Decimal(env.str("CONFIRM_FROM", "50.00")) * 100)
# What-if answers that one prediction includes; 0 means no limit.
WHAT_IF_PER_PREDICTION = env.int("WHAT_IF_PER_PREDICTION", 500)
ARTIFACTS_DIR = Path(env.str("ARTIFACTS_DIR", str(BASE_DIR / "ml_artifacts")))
# Versions that this installation has trained itself. The trainer writes them, and all roles read them.
VERSIONS_DIR = Path(env.str("VERSIONS_DIR", str(VAR_DIR / "versions")))
# A worker that has not finished a claimed prediction after this time is considered dead.
LEASE = timedelta(seconds=env.float("LEASE_SECONDS", 30))
MAX_ATTEMPTS = env.int("MAX_ATTEMPTS", 3)
# A prediction that is not finished this long after its order fails and is refunded.
DEADLINE = timedelta(seconds=env.float("DEADLINE_SECONDS", 600))
MONITOR_SECONDS = env.int("MONITOR_SECONDS", 10)
