"""Typed client of the Creditscore API. See `Client`."""

from creditscore_client.client import Client
from creditscore_client.credentials import ApiKey, Login, TokenPair, Tokens
from creditscore_client.errors import (
    ApiError,
    Conflict,
    ConnectionFailed,
    CreditscoreError,
    FieldError,
    InsufficientFunds,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    PaymentRequired,
    ServiceFailure,
    StillPending,
    TooManyRequests,
)
from creditscore_client.explanation_records import Explanation, WhatIf
from creditscore_client.machine_records import Delivery, KeyRecord, WebhookEndpoint
from creditscore_client.records import (
    Applicant,
    Balance,
    Batch,
    Comparison,
    Entry,
    Model,
    OutcomeError,
    PendingPayment,
    Prediction,
    ReportedOutcomes,
)
from creditscore_client.sharing_records import Document, ShareLink

__all__ = [
    "ApiError",
    "ApiKey",
    "Applicant",
    "Balance",
    "Batch",
    "Client",
    "Comparison",
    "Conflict",
    "ConnectionFailed",
    "CreditscoreError",
    "Delivery",
    "Document",
    "Entry",
    "Explanation",
    "FieldError",
    "InsufficientFunds",
    "Invalid",
    "KeyRecord",
    "Login",
    "Model",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "OutcomeError",
    "PaymentRequired",
    "PendingPayment",
    "Prediction",
    "ReportedOutcomes",
    "ServiceFailure",
    "ShareLink",
    "StillPending",
    "TokenPair",
    "Tokens",
    "TooManyRequests",
    "WebhookEndpoint",
    "WhatIf",
]
