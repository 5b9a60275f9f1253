"""Template contexts of the pages of a file."""

from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.polling import Polling
from predictions.batches import files
from predictions.batches.files import FileRow
from predictions.batches.intake import unusable_text
from predictions.formats.applicants import problem_text
from predictions.formats.charts.batches import Band, distribution
from predictions.formats.numbers import number
from predictions.models import Batch, Decision
from predictions.results.what_if import ArtifactUnavailable
from predictions.scoring.parsing import FieldProblem
from predictions.scoring.schema import FIELDS_BY_NAME
from predictions.site.forms.applicant import LabelForm

# Columns of the table of the first rows; more do not fit.
SHOWN_COLUMNS = 6
# From this number of results on, the highest and the lowest are named.
MIN_RESULTS_FOR_ENDS = 10


@dataclass(frozen=True)
class ShownError:
    line: str
    field: str
    text: str


@dataclass(frozen=True)
class Preview:
    """The first rows, with the first columns of the file, and the first errors."""

    header: list[str]
    rows: list[list[str]]
    errors: list[ShownError]
    more_columns: int


@dataclass(frozen=True)
class Progress:
    """`share` of the rows that have ended, from 0 to 1; the texts are "" until they can be known."""

    share: float
    rate: str
    left: str


def batch_context(batch: Batch, polling: Polling | None = None) -> dict[str, Any]:
    """Return the context of the page."""
    polling = polling or Polling.begin()
    context: dict[str, Any] = {
        "batch": batch,
        "polling": polling,
        "seen": f"{poll_state(batch)}.{polling.pause}",
        "renaming": LabelForm(initial={"label": batch.label}),
    }
    if batch.status == Batch.Status.QUOTED:
        context |= {"preview": preview_of(batch), "is_expired": is_expired(batch)}
    if batch.status in Batch.PAID:
        context["progress"] = progress_of(batch)
    if batch.failure_message:
        context["problem"] = unusable_text(batch.failure_message)
    if batch.content:
        context |= {
            "bands": distribution(batch.content["bands"]),
            # Of few rows, both would list the same.
            "ends": [
                (_("Highest probability"), batch.content["best"]),
                (_("Lowest probability"), batch.content["worst"]),
            ]
            if sum(batch.content["bands"]) >= MIN_RESULTS_FOR_ENDS
            else [],
        }
    if batch.decisions and batch.policy:
        # PostgreSQL keeps no order of names.
        context["decisions"] = [(one.label, batch.decisions[one]) for one in Decision]
    return context


def found_in(batch: Batch, query: str) -> dict[str, Any]:
    """Return the context of a search for `query`, with the `status` of the page."""
    try:
        return {"found": files.find(batch, query), "status": 200}
    except ArtifactUnavailable as refusal:
        return {"is_unavailable": True, "status": refusal.status}


def poll_state(batch: Batch) -> str:
    """Return the state that the page shows."""
    return f"{batch.status}-{batch.done}-{batch.failed}"


def is_expired(batch: Batch) -> bool:
    return batch.expires_at is not None and batch.expires_at <= timezone.now()


def preview_of(batch: Batch) -> Preview:
    stored, shape = batch.preview or {"rows": [], "errors": []}, batch.shape or {"header": []}
    header: list[str] = shape["header"]
    return Preview(
        header[:SHOWN_COLUMNS],
        [row[:SHOWN_COLUMNS] for row in stored["rows"]],
        [_error(problem) for problem in stored["errors"]],
        max(0, len(header) - SHOWN_COLUMNS),
    )


def progress_of(batch: Batch) -> Progress:
    """Return how far a file that was paid for has got."""
    total, ended = batch.valid_rows or 0, batch.done + batch.failed
    share = ended / total if total else 0.0
    since = batch.confirmed_at or batch.created_at
    seconds = (timezone.now() - since).total_seconds()
    if not ended or seconds <= 0:
        return Progress(share, "", "")
    rate = ended / seconds
    return Progress(share, number(round(rate)) if rate >= 1 else "", _time_left((total - ended) / rate))


def cells_of(row: FileRow) -> list[tuple[str, str]]:
    """Return the customer's own columns of a row, by their names."""
    return [(name, text) for name, text in row.cells.items() if name.strip().lower() not in FIELDS_BY_NAME]


def bands_of(batch: Batch) -> list[Band]:
    return distribution(batch.content["bands"]) if batch.content else []


def _error(stored: dict[str, Any]) -> ShownError:
    problem = FieldProblem(stored["field"], stored["code"], stored["message"], stored["params"])
    field = FIELDS_BY_NAME.get(stored["field"])
    label = _(field.label) if field else stored["field"]
    return ShownError(number(stored["line"]), label, problem_text(problem))


def _time_left(seconds: float) -> str:
    if seconds < 60:
        count = max(1, round(seconds))
        return ngettext("%(count)s second left", "%(count)s seconds left", count) % {"count": count}
    count = round(seconds / 60)
    return ngettext("%(count)s minute left", "%(count)s minutes left", count) % {"count": count}
