"""The customer's transactions and monthly statements, with what each entry paid for."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce, NullIf
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.keyset import Page, every_row
from accounts.pagination import site_page
from accounts.requests import current_user
from billing import services
from billing.models import Entry, Wallet
from billing.money import to_text
from billing.pagination import ENTRIES_NEWEST_FIRST, ENTRIES_OLDEST_FIRST
from billing.reports.snapshot import snapshot
from billing.reports.statements import months_of, statement_of
from billing.reports.totals import Month
from predictions.models import ScoringModel
from predictions.site.csv_files import csv_response
from predictions.site.forms.money import EntryFilterForm, StatementForm

CSV_COLUMNS = (
    *(_("Time (UTC)"), _("Type"), _("Amount"), _("Balance after"), _("Currency"), _("Transaction ID")),
    *(_("Prediction ID"), _("Model"), _("Label"), _("Comparison ID"), _("Refund of transaction"), _("Note")),
    *(_("File ID"), _("Rows of the file")),
)
# Statements are printed, so their pages are longer.
STATEMENT_ROWS = 50
_CSV_SOURCES = (
    *("created_at", "kind", "amount", "balance_after", "public_id"),
    *("for_prediction", "for_model_name", "for_label", "for_comparison", "reverses__public_id", "note"),
    *("for_file", "for_file_rows"),
)


@never_cache
@login_required
@require_safe
def transactions_view(request: HttpRequest) -> HttpResponse:
    wallet = services.wallet_of(current_user(request))
    form = EntryFilterForm(request.GET, months_of(wallet))
    kind, month = form.chosen
    page = site_page(_entries(wallet, kind, month), request, ENTRIES_NEWEST_FIRST)
    chosen = {name: value for name, value in (("kind", kind), ("month", str(month or ""))) if value}
    context = {**_page_context(page), "filter": form, "month": month, "chosen": urlencode(chosen)}
    return render(request, "predictions/money/transactions.html", context)


@never_cache
@login_required
@require_safe
def transactions_csv(request: HttpRequest) -> StreamingHttpResponse:
    """What the page lists, as a file; 404 for an invalid filter."""
    user = current_user(request)
    wallet = services.wallet_of(user)
    form = EntryFilterForm(request.GET, months_of(wallet))
    if not form.is_valid():
        raise Http404
    kind, month = form.chosen
    name = "-".join(["transactions", *(str(part) for part in (kind, month) if part)])
    entries = every_row(_entries(wallet, kind, month), ENTRIES_NEWEST_FIRST, *_CSV_SOURCES)
    # In the language of the request: while the file is sent, the thread may have another one.
    kinds = {value: str(text) for value, text in Entry.Kind.choices}
    return csv_response(user, f"{name}.csv", CSV_COLUMNS, _csv_rows(entries, kinds))


@never_cache
@login_required
@require_safe
def statement_view(request: HttpRequest) -> HttpResponse:
    wallet = services.wallet_of(current_user(request))
    form = StatementForm(request.GET, months_of(wallet))
    month = form.chosen
    with snapshot():
        page = site_page(_entries(wallet, "", month), request, ENTRIES_OLDEST_FIRST, STATEMENT_ROWS)
        statement = statement_of(wallet, month)
    now = timezone.now()
    context = {
        **_page_context(page),
        "statement": statement,
        "form": form,
        "last_day": month.period.end - timedelta(days=1),
        "now": now,
        "is_current": now < month.period.end,
        "currency": settings.CURRENCY,
    }
    return render(request, "predictions/money/statement.html", context)


def _page_context(page: Page[Entry]) -> dict[str, object]:
    return {"rows": page.rows, "next": page.next, "previous": page.previous}


def _entries(wallet: Wallet, kind: str, month: Month | None) -> QuerySet[Entry]:
    """The entries, annotated with the prediction or file that a charge paid for or a refund gave back.

    `for_prediction` and `for_comparison` are keys, `for_model_name` is in the reader's language, `for_label`
    is the customer's own.
    """
    entries = Entry.objects.filter(wallet=wallet)
    if kind:
        entries = entries.filter(kind=kind)
    if month:
        start, end = month.period
        entries = entries.filter(created_at__gte=start, created_at__lt=end)
    return entries.annotate(
        for_prediction=_bought("pk"),
        for_model_name=Coalesce(
            _bought(f"model__{ScoringModel.name_column()}"),
            _bought(f"model__{ScoringModel.name_column()}", "batch"),
        ),
        for_label=Coalesce(_bought("label"), _bought("label", "batch")),
        for_comparison=_bought("comparison"),
        for_file=_bought("pk", "batch"),
        for_file_label=Coalesce(NullIf(_bought("label", "batch"), Value("")), _bought("file_name", "batch")),
        for_file_rows=_bought("valid_rows", "batch"),
    )


def _bought(field: str, kind: str = "prediction") -> Coalesce:
    """A field of the prediction or file that was charged or refunded; null for other entries."""
    return Coalesce(f"{kind}__{field}", f"reverses__{kind}__{field}")


def _csv_rows(entries: Iterable[tuple[Any, ...]], kinds: Mapping[str, str]) -> Iterator[tuple[object, ...]]:
    """Yield a row of `CSV_COLUMNS` for each entry. `kinds` has the names of the kinds.

    Notes are for operators, except the reason of an adjustment.
    """
    currency = settings.CURRENCY
    for at, kind, amount, balance, entry, *sold, reverses, note, file, rows in entries:
        yield (
            at,
            kinds[kind],
            Decimal(to_text(amount)),
            Decimal(to_text(balance)),
            currency,
            entry,
            *sold,
            reverses,
            note if kind == Entry.Kind.ADJUSTMENT else None,
            file,
            rows,
        )
