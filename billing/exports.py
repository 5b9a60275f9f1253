"""Histories as files."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import StreamingHttpResponse

from accounts.models import User
from accounts.throttling import Limit, take
from billing.models import Entry
from billing.money import to_text
from tabular import csv_chunks

# A long history keeps a thread of the web server busy for seconds.
EXPORTS = Limit("exports", 10, 60)

ENTRY_COLUMNS = (
    "time",
    "kind",
    "amount",
    "balance_after",
    "currency",
    "entry_id",
    "prediction_id",
    "model",
    "label",
    "comparison_id",
    "reverses",
    "note",
)


def csv_response(
    user: User, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A CSV file to save under `name`, sent while it is read. Raises `TooManyAttempts`."""
    take(EXPORTS, str(user.pk))
    response = StreamingHttpResponse(csv_chunks(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def entry_rows(entries: QuerySet[Any]) -> Iterator[tuple[object, ...]]:
    """A row of `ENTRY_COLUMNS` for each entry, in the words of the API, read as it is asked for.

    `entries` have `for_prediction`, `for_model`, `for_label` and `for_comparison`. Notes are
    for operators, except the reason of an adjustment.
    """
    rows = entries.values_list(
        "created_at",
        "kind",
        "amount",
        "balance_after",
        "public_id",
        "for_prediction",
        "for_model",
        "for_label",
        "for_comparison",
        "reverses__public_id",
        "note",
    )
    currency = settings.CURRENCY
    for at, kind, amount, balance, entry, *bought, reverses, note in rows.iterator():
        yield (
            at.isoformat().replace("+00:00", "Z"),
            kind,
            to_text(amount),
            to_text(balance),
            currency,
            entry,
            *bought,
            reverses,
            note if kind == Entry.Kind.ADJUSTMENT else None,
        )
