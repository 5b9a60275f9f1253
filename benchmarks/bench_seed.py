"""Customers with entries and predictions, added in bulk by SQL that both databases understand.

Every wallet gets money and spends it in turn: 10.00 in, 10.00 out. So the balance after each entry is known
without those before it, and the ledger is right at any size.
"""

from datetime import datetime, timedelta
from typing import Any

from bench import analyze
from django.contrib.auth.hashers import make_password
from django.core.management.color import no_style
from django.db import connection, models
from django.db.models import Max
from django.utils import timezone

from accounts.models import User
from billing.models import Entry, Wallet
from predictions import catalog
from predictions.models import Prediction
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.schema import EXAMPLE

PRICE = 10_00
# The database's own words for a new UUID, and for the time `x` seconds after `start`.
UUID = {"postgresql": "gen_random_uuid()", "sqlite": "lower(hex(randomblob(16)))"}
TIME = {
    "postgresql": "to_timestamp({start} + {x})",
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%f', {start} + {x}, 'unixepoch')",
}
# One in `rare` charges is refunded; a refund takes the place of the payment after the charge.
_PAYMENT = "n.i / {wallets} %% 2 = 0 AND n.i >= {wallets} AND (n.i / {wallets} / 2 + n.i)"
REFUNDED = f"({_PAYMENT} %% {{rare}} = 0)"
ADJUSTED = f"({_PAYMENT} %% (20 * {{rare}}) = 1)"
PENDING_ROWS = 10


def one_customer(rows: int, period: timedelta) -> User:
    """Add a customer with `rows` predictions from `period` until now, and return him."""
    operator, now = User.objects.create_superuser("operator", "operator@example.org"), timezone.now()
    seed("large", wallets=1, rows=rows, since=now - period, until=now, operator=operator)
    analyze()
    return User.objects.get(username="large-0")


def seed(
    name: str, *, wallets: int, rows: int, since: datetime, until: datetime, operator: User, rare: int = 50
) -> None:
    """Add `wallets` customers named `name` and a number, with `rows` predictions each.

    Their times are spread evenly over the period, and the wallets take turns. `rows` top-ups, refunds,
    bonuses and adjustments come in between: one in `rare` predictions is refunded, and a quarter of these
    have failed. The last few are running, with leases that do not end during the measurements.
    """
    total = wallets * rows * 2
    last_entry, last_wallet = (
        model.objects.aggregate(last=Max("pk"))["last"] or 0 for model in (Entry, Wallet)
    )
    seconds = (until - since).total_seconds()
    at = TIME[connection.vendor].format(start=since.timestamp(), x=f"n.i * ({seconds} / {total})")
    uuid = UUID[connection.vendor]
    insert(
        User,
        {
            "id": uuid,
            "username": f"'{name}-' || n.i",
            "email": f"'{name}-' || n.i || '@example.org'",
            "is_active": f"n.i %% {2 * rare} <> {2 * rare - 1}",
            "date_joined": TIME[connection.vendor].format(start=since.timestamp(), x="n.i * 0.01"),
        },
        numbers(wallets),
        password=make_password(None),
    )
    insert(
        Wallet,
        {
            "id": f"{last_wallet} + 1 + n.i",
            "user": "accounts_user.id",
            "balance": "0",
            "created_at": "date_joined",
        },
        f"{numbers(wallets)} JOIN accounts_user ON username = '{name}-' || n.i",
    )
    refunded, adjusted = (condition.format(wallets=wallets, rare=rare) for condition in (REFUNDED, ADJUSTED))
    charged = f"n.i / {wallets} %% 2 = 1"
    insert(
        Entry,
        {
            "id": f"{last_entry} + 1 + n.i",
            "public_id": uuid,
            "wallet": f"{last_wallet} + 1 + n.i %% {wallets}",
            "kind": f"CASE WHEN {charged} THEN 'charge' WHEN {refunded} THEN 'refund'"
            f" WHEN {adjusted} THEN 'adjustment'"
            f" WHEN n.i < {wallets} AND n.i %% {2 * rare} = 1 THEN 'bonus' ELSE 'top_up' END",
            "amount": f"CASE WHEN {charged} THEN -{PRICE} ELSE {PRICE} END",
            "balance_after": f"CASE WHEN {charged} THEN 0 ELSE {PRICE} END",
            "reverses": f"CASE WHEN {refunded} THEN {last_entry} + 1 + n.i - {wallets} END",
            "request_key": f"CAST({uuid} AS varchar(36))",
            "note": f"CASE WHEN {charged} OR {refunded} THEN '' ELSE 'payment-' || n.i END",
            "operator": f"CASE WHEN {adjusted} THEN {literal(operator.pk)} END",
            "created_at": at,
        },
        numbers(total),
    )
    model = catalog.offers()[0].model
    artifact = catalog.artifact_for_sale(model)
    ended = f"entry.id <= {last_entry} + {total} - {2 * PENDING_ROWS}"
    failed = "refund.id / 100 %% 4 = 0"
    later = TIME[connection.vendor].format(start=until.timestamp(), x="86400")
    insert(
        Prediction,
        {
            "id": uuid,
            "user": "wallet.user_id",
            "model": "(SELECT MIN(id) FROM predictions_scoringmodel) + entry.id %% 3",
            "charge": "entry.id",
            "label": "'Ivanov ' || entry.id",
            "label_folded": "'ivanov ' || entry.id",
            "status": f"CASE WHEN refund.id IS NOT NULL AND {failed} THEN 'failed'"
            f" WHEN refund.id IS NOT NULL THEN 'canceled' WHEN {ended} THEN 'succeeded' ELSE 'running' END",
            "failure": f"CASE WHEN {failed} THEN 'deadline_passed' ELSE '' END",
            "approval_probability": f"CASE WHEN refund.id IS NULL AND {ended}"
            " THEN entry.id %% 1000 / 1000.0 END",
            "created_at": "entry.created_at",
            "queued_at": f"CASE WHEN {ended} THEN entry.created_at ELSE {later} END",
            "claimed_at": f"CASE WHEN {ended} THEN entry.created_at ELSE {later} END",
            "finished_at": f"CASE WHEN refund.id IS NOT NULL OR {ended} THEN entry.created_at END",
        },
        "FROM billing_entry entry JOIN billing_wallet wallet ON wallet.id = entry.wallet_id"
        f" LEFT JOIN billing_entry refund ON refund.reverses_id = entry.id"
        f" WHERE entry.kind = 'charge' AND entry.id > {last_entry}",
        price=PRICE,
        model_version=artifact.version,
        artifact_sha256=artifact.sha256,
        applicant=parse_applicant(EXAMPLE),
    )
    # The last turn was a charge, so the balances are zero, as written above.
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), [Entry, Wallet]):
            cursor.execute(sql)


def numbers(count: int) -> str:
    """Return a FROM clause of the numbers `n.i` from 0 to below `count`."""
    return f"FROM (WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {count}) SELECT i FROM n) n"  # noqa: E501, S608


def literal(key: Any) -> str:
    return f"'{key}'::uuid" if connection.vendor == "postgresql" else f"'{key.hex}'"


def insert(model: type[models.Model], columns: dict[str, str], source: str, **values: object) -> None:
    """INSERT rows of `source`: `columns` are SQL, `values` Python; other fields get their defaults."""
    names, expressions, parameters = [], [], []
    for field in model._meta.local_concrete_fields:
        if field.primary_key and field.name not in columns:
            continue
        names.append(connection.ops.quote_name(str(field.column)))
        expressions.append(columns.get(field.name, "%s"))
        if field.name not in columns:
            value = values.get(field.name, field.get_default())
            parameters.append(field.get_db_prep_save(value, connection))
    sql = f"INSERT INTO {model._meta.db_table} ({', '.join(names)}) SELECT {', '.join(expressions)} {source}"
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
