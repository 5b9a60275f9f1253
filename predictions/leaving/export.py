"""Everything that belongs to an account, as one JSON document that is never in memory as a whole."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from accounts.keyset import SortOrder, every_row, parse_time
from accounts.models import AccountSession, ApiKey, TokenFamily, User, WebhookEndpoint
from accounts.second_factor import services as second_factor
from billing.models import Entry, Wallet
from billing.money import to_text
from billing.pagination import ENTRIES_OLDEST_FIRST
from predictions.models import (
    Batch,
    Comparison,
    DecisionPolicy,
    Outcome,
    PolicyChange,
    Prediction,
    ResultDocument,
    ShareLink,
)

# Rows that one statement reads, and that are in memory.
CHUNK_ROWS = 1000
OLDEST_FIRST = SortOrder("created_at", False, parse_time)
MONEY = {"amount", "balance_after", "price", "daily_limit"}

PREDICTION = (
    *("id", "created_at", "finished_at", "model__slug", "model_version", "status", "failure", "price"),
    *("label", "comparison_id", "applicant", "approval_probability", "explanation"),
)
ENTRY = ("public_id", "created_at", "kind", "amount", "balance_after", "reverses__public_id")
FILE = (
    *("id", "created_at", "file_name", "label", "size", "model__slug", "model_version", "status", "failure"),
    *("rows", "valid_rows", "done_rows", "failed_rows", "price", "finished_at", "purged_at"),
)
OUTCOME = (
    *("prediction_id", "batch_id", "line", "model__slug", "model_version", "approval_probability"),
    *("ordered_on", "result", "observed_on", "reported_at"),
)
HOOK = ("id", "url", "events", "active", "off_reason", "created_at")
KEY = (
    *("name", "prefix", "scopes", "daily_limit", "orders_per_minute", "created_at", "expires_at"),
    *("revoked_at", "last_used_at"),
)


def pieces(user: User) -> Iterator[str]:
    """Yield the document piece by piece. It has no hashes, secrets or codes, and no content of files."""
    yield '{"account": ' + _json(_account(user))
    for name, rows in _tables(user):
        yield f', "{name}": ['
        for number, row in enumerate(rows):
            yield (",\n" if number else "\n") + _json(row)
        yield "]"
    yield "}\n"


def _account(user: User) -> dict[str, Any]:
    wallet = Wallet.objects.filter(user=user).first()
    policy = DecisionPolicy.objects.filter(user=user).values("approve_from", "decline_below", "changed_at")
    return {
        "username": user.username,
        "email": user.email,
        "email_confirmed_at": user.email_confirmed_at,
        "pending_email": user.pending_email,
        "name": user.get_full_name(),
        "language": user.language,
        "time_zone": user.time_zone,
        "theme": user.theme,
        "date_joined": user.date_joined,
        "last_login": user.last_login,
        "two_factor_log_in": second_factor.is_on(user),
        "balance": to_text(wallet.balance) if wallet else None,
        "low_balance": to_text(wallet.low_balance) if wallet and wallet.low_balance is not None else None,
        "currency": settings.CURRENCY,
        "decision_policy": policy.first(),
    }


def _tables(user: User) -> Iterator[tuple[str, Iterable[dict[str, Any]]]]:
    yield "sessions", map(_session, AccountSession.objects.filter(user=user).order_by("started_at"))
    families = TokenFamily.objects.filter(user=user).order_by("expires_at")
    yield "api_tokens", map(_plain, families.values("created_at", "expires_at").iterator(CHUNK_ROWS))
    yield "api_keys", map(_plain, ApiKey.objects.filter(user=user).order_by("created_at").values(*KEY))
    hooks = WebhookEndpoint.objects.filter(user=user, deleted_at=None).order_by("created_at")
    yield "webhooks", map(_plain, hooks.values(*HOOK))
    yield "transactions", _rows(Entry.objects.filter(wallet__user=user), ENTRIES_OLDEST_FIRST, ENTRY)
    yield "predictions", _rows(Prediction.objects.of(user), OLDEST_FIRST, PREDICTION)
    comparisons = ("id", "created_at", "label", "applicant", "discount_percent")
    yield "comparisons", _by_key(Comparison.objects.filter(user=user), comparisons)
    yield "files", _by_key(Batch.objects.filter(user=user), FILE)
    links = ("prediction_id", "with_details", "created_at", "expires_at", "revoked_at")
    yield "links", _by_key(ShareLink.objects.filter(prediction__user=user), links)
    documents = ("prediction_id", "language", "label", "code", "sha256", "created_at")
    yield "documents", _by_key(ResultDocument.objects.filter(prediction__user=user), documents)
    changes = ("changed_at", "approve_from", "decline_below")
    yield "decision_policy_changes", _by_key(PolicyChange.objects.filter(user=user), changes)
    yield "outcomes", _by_key(Outcome.objects.of(user), OUTCOME)


def _rows(rows: QuerySet[Any], order: SortOrder, columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    for row in every_row(rows, order, *columns):
        yield _plain(dict(zip(columns, row, strict=True)))


def _by_key(rows: QuerySet[Any], columns: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """Yield all rows by their key, by short statements."""
    remaining = rows
    while chunk := list(remaining.order_by("pk").values("pk", *columns)[:CHUNK_ROWS]):
        for row in chunk:
            yield _plain({name: row[name] for name in columns})
        remaining = rows.filter(pk__gt=chunk[-1]["pk"])


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """Amounts as text in units of the currency, and names without underscores of relations."""
    write: Callable[[Any], Any] = to_text
    return {
        name.replace("model__slug", "model").replace("__public_id", ""): (
            write(value) if name in MONEY and value is not None else value
        )
        for name, value in row.items()
    }


def _session(row: AccountSession) -> dict[str, Any]:
    started, seen = row.started_at, row.seen_at
    return {
        "agent": row.agent, "network": row.network,
        "started_at": started, "seen_at": seen,
    }  # fmt: skip


def _json(value: object) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
