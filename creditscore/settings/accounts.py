"""Accounts and the API."""

from datetime import timedelta
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from creditscore.settings.service import JWT_SIGNING_KEY, NUM_PROXIES, PRODUCTION, env, whole

# --- Accounts ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
PASSWORD_HASHERS = ["accounts.hashers.PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_RESET_TIMEOUT = 3600
# The admin opens for those operators alone who log in with a second factor.
OPERATOR_SECOND_FACTOR = env.bool("OPERATOR_SECOND_FACTOR", PRODUCTION)
# What apps call the account.
OTP_TOTP_ISSUER = "Creditscore"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "predictions:dashboard"
LOGOUT_REDIRECT_URL = "home"
# Where a customer goes after a top-up without `next`.
TOP_UP_REDIRECT_URL = "predictions:transactions"
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=whole("JWT_ACCESS_MINUTES", 30, 1, 525600)),
    # From log-in to the next log-in; refreshing does not prolong it.
    "REFRESH_TOKEN_LIFETIME": timedelta(days=whole("JWT_REFRESH_DAYS", 7, 1, 3650)),
    "SIGNING_KEY": JWT_SIGNING_KEY,
    # A token that another service signed with the same key is not one of this service.
    "AUDIENCE": "creditscore",
}

# By default e-mail is printed to the terminal.
mail: dict[str, Any] = env.email_url("EMAIL_URL", default="consolemail://")
if PRODUCTION and not mail["EMAIL_BACKEND"].endswith(".smtp.EmailBackend"):
    raise ImproperlyConfigured("EMAIL_URL must be set to a mail server: smtp://user:password@host:25")
vars().update(mail)
# A mail server that does not answer must not hold a worker.
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "creditscore@localhost")
# Who is told that what is sold has drifted; nobody by default.
OPERATOR_EMAILS = env.list("OPERATOR_EMAILS", default=[])

# --- Webhooks ----------------------------------------------------------------------------------
# Also http:// and addresses of private networks: for services whose customers are in the same network.
WEBHOOK_ALLOW_PRIVATE = env.bool("WEBHOOK_ALLOW_PRIVATE", False)
# An endpoint that has failed for this long is switched off. Longer than the tries of one delivery take.
WEBHOOK_FAILING = timedelta(days=whole("WEBHOOK_FAILING_DAYS", 4, 1, 365))
# Deliveries are deleted after this time.
WEBHOOK_RETENTION = timedelta(days=whole("WEBHOOK_RETENTION_DAYS", 30, 4, 3650))

# --- API ---------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "accounts.authentication.KeyAuthentication",
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.authentication.HasAccess"],
    "DEFAULT_PARSER_CLASSES": ["creditscore.http.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "creditscore.reference.operations.OperationSchema",
    "EXCEPTION_HANDLER": "creditscore.http.problems.problem_handler",
    "NUM_PROXIES": NUM_PROXIES,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Creditscore API",
    "DESCRIPTION": _("Estimates the probability that a loan application is approved."),
    # The first parts of addresses, in the order of the reference.
    "TAGS": [
        {"name": "auth", "description": _("Accounts and tokens")},
        {"name": "api-keys", "description": _("API keys")},
        {"name": "me", "description": _("Your account")},
        {"name": "models", "description": _("Models")},
        {"name": "balance", "description": _("Balance")},
        {"name": "top-ups", "description": _("Top-ups")},
        {"name": "transactions", "description": _("Transactions")},
        {"name": "predictions", "description": _("Predictions")},
        {"name": "documents", "description": _("Documents")},
        {"name": "comparisons", "description": _("Comparisons")},
        {"name": "batches", "description": _("Files")},
        {"name": "outcomes", "description": _("Outcomes")},
        {"name": "decision-policy", "description": _("Decision policy")},
        {"name": "webhooks", "description": _("Webhooks")},
    ],
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Public, whatever the Authorization header holds.
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    # A PATCH needs its members as a POST does.
    "COMPONENT_SPLIT_PATCH": False,
    # The choices are in the enumerations.
    "ENUM_GENERATE_CHOICE_DESCRIPTION": False,
    "ENUM_NAME_OVERRIDES": {
        "PredictionStatus": "predictions.models.Prediction.Status",
        "EntryKind": "billing.models.Entry.Kind",
        "ComparisonStatus": ["running", "completed"],
        "ChargeState": ["charged", "refunded"],
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "creditscore.http.openapi.close_bodies",
        "creditscore.http.openapi.describe_problems",
    ],
}
