"""Applications, database and languages."""

from typing import Any

import django_stubs_ext
from django.utils.translation import gettext_lazy as _

from creditscore.settings.service import BASE_DIR, VAR_DIR, env

# Lets Django's generic classes take type arguments at run time.
django_stubs_ext.monkeypatch()

# --- Applications ------------------------------------------------------------------------------
INSTALLED_APPS = [
    "creditscore.operators.OperatorsConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "csp",
    "django_htmx",
    "template_partials",
    "django_celery_beat",
    "django_celery_results",
    "rest_framework",
    "drf_spectacular",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "accounts",
    "billing",
    "predictions",
]
MIDDLEWARE = [
    "creditscore.http.observed.ObservedMiddleware",
    "creditscore.http.middleware.MalformedRequestMiddleware",
    "creditscore.http.middleware.KeepMethodMiddleware",
    "creditscore.http.middleware.HeadMiddleware",
    "creditscore.http.middleware.PrivateAnswerMiddleware",
    "billing.keys.middleware.KeyErrorsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # Adds random padding, so that the size of compressed pages does not reveal tokens.
    "creditscore.http.pages.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "creditscore.http.pages.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "creditscore.http.middleware.BodyMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "creditscore.http.pages.AuthenticationMiddleware",
    "accounts.sessions.services.SeenMiddleware",
    "accounts.profile.reader.ReaderMiddleware",
    "accounts.middleware.OneTimePasswordMiddleware",
    "accounts.middleware.FormDraftMiddleware",
    "creditscore.http.pages.MessageMiddleware",
    "accounts.second_factor.middleware.OperatorSecondFactorMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "creditscore.http.pages.HtmxMiddleware",
    "creditscore.http.middleware.ErrorPageMiddleware",
]
CSRF_FAILURE_VIEW = "creditscore.http.error_pages.csrf_failure"
ROOT_URLCONF = "creditscore.urls"
WSGI_APPLICATION = "creditscore.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "accounts.site_texts.services.footer",
                "billing.views.balance",
                "billing.views.test_payments",
            ]
        },
    }
]

# --- Database ----------------------------------------------------------------------------------
DATABASES: dict[str, dict[str, Any]] = {
    "default": env.db("DATABASE_URL", f"sqlite:///{VAR_DIR / 'db.sqlite3'}") | {"CONN_MAX_AGE": 600}
}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["ENGINE"] = "creditscore.sqlite"
    DATABASES["default"]["OPTIONS"] = {
        # Transactions take the write lock when they begin; taking it later fails under load.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: acknowledged charges are on disk. recursive_triggers: triggers see deletion by REPLACE.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
    } | DATABASES["default"].get("OPTIONS", {})
    # Tests start other processes, so the test database must be a file too.
    DATABASES["default"]["TEST"] = {"NAME": VAR_DIR / "test.sqlite3"}
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # A server that is gone without a word is noticed within half a minute, not after two hours.
    DATABASES["default"]["OPTIONS"] = {
        "connect_timeout": 5,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": 30_000,
    } | DATABASES["default"].get("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Languages ---------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("ru", _("Russian"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
TIME_ZONE = "UTC"
