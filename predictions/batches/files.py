"""Files that customers download: results, errors, a template to fill in; and single rows of a batch."""

import csv
import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

import numpy as np
from django.conf import settings
from django.db.models import QuerySet

from accounts.errors import CustomerError
from predictions.batches import store
from predictions.batches.intake import problems_of
from predictions.batches.rows import applicant_of, block_of
from predictions.formats.languages import in_language
from predictions.models import Batch, BatchChunk
from predictions.results.what_if import ArtifactUnavailable
from predictions.scoring import artifacts
from predictions.scoring import results as written
from predictions.scoring.artifacts import ArtifactError
from predictions.scoring.blocks import read_rows
from predictions.scoring.checks import Checked, check
from predictions.scoring.explain import Explanation, explain
from predictions.scoring.models.columns import Columns
from predictions.scoring.problems import Say, in_english
from predictions.scoring.schema import EXAMPLE, FIELD_NAMES, SHARE_FIELD, Applicant
from predictions.scoring.tables import Shape

logger = logging.getLogger(__name__)

PIECE_BYTES = 262_144
PIECE_ERRORS = 1_000
# Rows that a search shows.
MAX_FOUND = 20


class NotFinished(CustomerError):
    """The batch has no results: it has not ended, or none of its rows was scored."""

    status = 409
    code = "not_finished"


@dataclass(frozen=True)
class FileRow:
    """A row that can be scored: its line, the customer's cells by the names of their columns, its facts."""

    line: int
    cells: dict[str, str]
    applicant: Applicant


def results(batch: Batch) -> Iterator[bytes]:
    """Return the pieces of the file of results, in the order of the input.

    Rows of a canceled batch that were not scored have an error. Raises `NotFinished`, `FilesDeleted`,
    `ArtifactUnavailable`.
    """
    if batch.purged_at:
        raise store.FilesDeleted
    if not batch.has_results:
        raise NotFinished
    chunks = list(_chunks(batch))
    if not all(chunk.result for chunk in chunks):
        _columns(batch)  # Refused now: nothing can be refused while a file is sent.
    return _results(batch, chunks)


def errors(batch: Batch, say: Say = in_english) -> Iterator[bytes]:
    """Return the pieces of the file of errors: line, field, code and message. `say` makes the messages.

    Raises `NotFinished` for a file that is being checked or cannot be read, and `FilesDeleted`.
    """
    if batch.purged_at:
        raise store.FilesDeleted
    if batch.shape is None:
        raise NotFinished
    return _errors(batch, batch.table, say)


def template() -> bytes:
    """Return a file to fill in: the columns, with one row as an example."""
    names = ["id", *(name for name in FIELD_NAMES if name != SHARE_FIELD)]
    buffer = io.StringIO()
    csv.writer(buffer).writerows([names, ["1", *(str(EXAMPLE[name]) for name in names[1:])]])
    return buffer.getvalue().encode()


def row_at(batch: Batch, line: int) -> FileRow | None:
    """Return the row that begins at this line; None if there is none that can be scored.

    Raises `FilesDeleted`, `ArtifactUnavailable`.
    """
    chunk = _chunks(batch).filter(first_line__lte=line).last()
    rows = _good_rows(chunk) if chunk else iter(())
    return next((_row(checked, index, batch) for checked, index, at in rows if at == line), None)


def find(batch: Batch, text: str) -> list[FileRow]:
    """Return the first `MAX_FOUND` rows with a cell that equals `text` in one of the customer's own columns.

    Ignores case and surrounding spaces. Raises `FilesDeleted`, `ArtifactUnavailable`.
    """
    wanted = text.strip().casefold()
    return list(islice(_found(batch, wanted), MAX_FOUND)) if wanted else []


def explanation_of(batch: Batch, row: FileRow) -> Explanation:
    """Explain a row by the model version that was sold. Raises `ArtifactUnavailable`."""
    with _artifact_needed():
        return explain(settings.ARTIFACTS_DIR, batch.artifact, row.applicant)


def _results(batch: Batch, chunks: list[BatchChunk]) -> Iterator[bytes]:
    yield written.results_header(
        batch.table, with_decisions=batch.policy is not None, with_reasons=batch.reasons
    )
    for chunk in chunks:
        if not chunk.result:
            yield _unscored(chunk)
            continue
        with store.opened(chunk.result) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece


def _unscored(chunk: BatchChunk) -> bytes:
    """Return the results of a chunk that was canceled or has failed."""
    checked = _checked(chunk)
    count = len(checked.raw)
    reasons = [()] * count if chunk.batch.reasons else None
    policy, say = chunk.batch.policy, in_language(chunk.batch.language)
    return written.results(checked, np.full(count, np.nan), reasons, say, policy.decide if policy else None)


def _errors(batch: Batch, shape: Shape, say: Say) -> Iterator[bytes]:
    yield written.errors_header(shape)
    if batch.errors:
        problems = problems_of(batch)
        while some := list(islice(problems, PIECE_ERRORS)):
            yield written.errors(some, shape, say)


def _found(batch: Batch, wanted: str) -> Iterator[FileRow]:
    own = [at for at, name in enumerate(batch.table.names) if name not in FIELD_NAMES]
    for chunk in _chunks(batch):
        # Most chunks do not have it: their text tells that faster than their cells.
        if wanted not in store.read(chunk.source).decode().casefold():
            continue
        # And those whose other columns have it, faster than a check.
        columns = read_rows(block_of(chunk)).columns
        if not any(wanted == cell.strip().casefold() for at in own for cell in columns[at]):
            continue
        for checked, index, _line in _good_rows(chunk):
            if any(checked.rows.columns[at][index].strip().casefold() == wanted for at in own):
                yield _row(checked, index, batch)


def _good_rows(chunk: BatchChunk) -> Iterator[tuple[Checked, int, int]]:
    """Yield the rows of a chunk that can be scored: what they are in, their index and their line."""
    checked = _checked(chunk)
    for index in np.flatnonzero(checked.good).tolist():
        yield checked, index, checked.rows.numbers[index]


def _row(checked: Checked, index: int, batch: Batch) -> FileRow:
    cells = dict(zip(checked.block.shape.header, checked.cells(index), strict=False))
    return FileRow(checked.rows.numbers[index], cells, applicant_of(checked, index, batch.recompute))


def _checked(chunk: BatchChunk) -> Checked:
    return check(block_of(chunk), _columns(chunk.batch), chunk.batch.recompute)


def _columns(batch: Batch) -> Columns:
    with _artifact_needed():
        return artifacts.columns(settings.ARTIFACTS_DIR, batch.artifact)


@contextmanager
def _artifact_needed() -> Iterator[None]:
    """Raises `ArtifactUnavailable` for what a missing or changed artifact raises."""
    try:
        yield
    except ArtifactError as error:
        logger.error("a file cannot be shown: %s", error)
        raise ArtifactUnavailable from error


def _chunks(batch: Batch) -> QuerySet[BatchChunk]:
    return BatchChunk.objects.filter(batch=batch).select_related("batch__model").order_by("first_line")
