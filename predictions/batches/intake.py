"""Reads an uploaded file once: checks every row, stores its chunks and its errors, and quotes a price."""

import gzip
import json
import logging
import tempfile
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from functools import partial
from math import ceil
from typing import IO, Any

import numpy as np
from django.conf import settings
from django.core.files.base import File
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext

from predictions import priority
from predictions.batches import store, transitions
from predictions.batches.pricing import quote
from predictions.batches.store import PAUSE, FilesDeleted, StorageFull
from predictions.batches.transitions import Failure, Findings
from predictions.models import Batch, BatchChunk, BatchQuerySet
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError
from predictions.scoring.blocks import BLOCK_CHARACTERS, Block
from predictions.scoring.checks import Checked, check
from predictions.scoring.lines import UnusableFile
from predictions.scoring.problems import RowProblem
from predictions.scoring.results import OUTPUT_COLUMNS, REASON_COLUMNS
from predictions.scoring.schema import gettext_noop
from predictions.scoring.sources import Source, open_source

logger = logging.getLogger(__name__)

MAX_BYTES = 200_000_000
MAX_ROWS = 1_000_000
# About 500 rows: explaining one by trees takes up to 15 ms, and a chunk must end within a lease. About 4,000
# rows are explained by points in a second.
CHARACTERS_WITH_REASONS, CHARACTERS_WITH_FAST_REASONS = 32_000, 256_000
# About 5,000 rows: to score them takes longer than to claim them, also with the fastest model.
FEW_CHARACTERS = 300_000
# Columns that no file may have, because they are added to it.
RESERVED = (*OUTPUT_COLUMNS, *REASON_COLUMNS)
TOO_MANY_ROWS = gettext_noop("The file has more than %(limit)s rows.")
# For so long it is remembered whose files were checked.
TURNS = timedelta(days=1)
# The errors are copied in pieces of so many bytes, and the lease is renewed with each.
ERRORS_PIECE = 8_000_000
# Rows and errors shown with the quote.
SHOWN = 10


class LeaseLost(Exception):
    """Another process checks this file now, or it was canceled."""


def claim_upload() -> Batch | None:
    """Claim a file to check; None if there is none, or if another one is being checked.

    One at a time, so that large ones leave the other processes to what customers have paid for. It is that of
    the customer for whom a file was checked longest ago, so nobody waits for all files of another one.
    """
    leased = Batch.objects.validating().filter(claimed_at__gte=timezone.now() - settings.LEASE)
    if leased.filter(claim__isnull=False).exists():
        return None
    checked = Batch.objects.filter(user=OuterRef("user"), created_at__gte=timezone.now() - TURNS)
    last = checked.order_by().values("user").annotate(last=Max("claimed_at")).values("last")
    in_turn = _waiting().annotate(last=Subquery(last)).order_by(F("last").asc(nulls_first=True), "created_at")
    for pk in in_turn.values_list("pk", flat=True)[:10]:
        if batch := claim(pk):
            return batch
    return None


def claim(pk: uuid.UUID) -> Batch | None:
    """Claim this file to check it; None if another process has."""
    token = uuid.uuid4()
    claimed = (
        _waiting().filter(pk=pk).update(claim=token, claimed_at=timezone.now(), attempts=F("attempts") + 1)
    )
    return Batch.objects.select_related("model", "user").get(pk=pk) if claimed else None


def _waiting() -> BatchQuerySet:
    """Files to check that no process checks; one that found the disk full waits for a while."""
    paused = timezone.now() - PAUSE
    free = Q(claimed_at__isnull=True) | Q(claimed_at__lt=paused)
    return Batch.objects.validating().filter(free, claim__isnull=True)


def validate(batch: Batch) -> None:
    """Check a claimed file and quote it, or reject it.

    Logs and leaves it to the next attempt if the service is at fault.
    """
    reading = _Reading(batch)
    try:
        with closing(reading), store.opened(batch.source) as file:
            # A workbook is unpacked as a whole, which takes up to minutes.
            source = priority.computed(partial(open_source, file, RESERVED), reading.renew_lease)
            _quote(reading, source)
    except UnusableFile as error:
        reading.forget()
        if transitions.reject(batch, _failure_of(error), message_of(error)):
            _delete_source(batch)
    except (LeaseLost, FilesDeleted):
        # It was canceled, or another process checks it.
        reading.forget()
    except StorageFull:
        reading.forget()
        logger.error("file %s waits: the disk is full", batch.pk)
        # Not counted as an attempt: the file is not at fault.
        own = transitions.claimed_by(batch, batch.claim)
        transitions.release(own, attempts=F("attempts") - 1)
    except ArtifactError:
        reading.forget()
        logger.exception("file %s cannot be checked without its model", batch.pk)
    except Exception:
        # Not until the end of its lease, during which no other file would be checked.
        reading.forget()
        logger.exception("file %s cannot be checked", batch.pk)
        transitions.release(transitions.claimed_by(batch, batch.claim))


def _quote(reading: "_Reading", source: Source) -> None:
    batch = reading.batch
    columns = artifacts.columns(settings.ARTIFACTS_DIR, batch.artifact)
    blocks = source.blocks(_characters(batch))

    def read() -> tuple[Block, Checked] | None:
        block = next(blocks, None)
        return (block, check(block, columns, batch.recompute)) if block else None

    while found := priority.computed(read, reading.renew_lease):
        reading.renew_lease()
        reading.add(*found)
    reading.renew_lease()
    findings = reading.findings(source.shape.to_dict())
    if not findings.valid_rows:
        if transitions.reject(batch, Failure.NO_VALID_ROWS, **vars(findings)):
            _delete_source(batch)
            reading.forget(but=findings.errors)
        else:
            reading.forget()
        return
    offer = quote(batch.model, findings.valid_rows, reasons=batch.reasons)
    if transitions.give_quote(batch, findings, offer, reading.chunks):
        # The chunks have all that is in it.
        _delete_source(batch)
    else:
        reading.forget()


def _characters(batch: Batch) -> int:
    """Return how long the chunks should be: an even number, which two processes end together."""
    most, least = BLOCK_CHARACTERS, FEW_CHARACTERS
    if batch.reasons:
        fast = artifacts.explains_fast(settings.ARTIFACTS_DIR, batch.artifact)
        most = CHARACTERS_WITH_FAST_REASONS if fast else CHARACTERS_WITH_REASONS
        least = CHARACTERS_WITH_REASONS
    chunks = 2 * ceil(batch.size / (2 * most))
    return min(most, max(least, ceil(batch.size / chunks)))


def _delete_source(batch: Batch) -> None:
    store.delete(batch.source)
    Batch.objects.filter(pk=batch.pk).update(source="")


@dataclass
class _Reading:
    """What has been read of a file so far."""

    batch: Batch
    chunks: list[BatchChunk] = field(default_factory=list)
    rows: int = 0
    valid_rows: int = 0
    warned_rows: int = 0
    preview: dict[str, Any] = field(default_factory=lambda: {"rows": [], "errors": []})
    _errors: IO[bytes] | None = None
    _packed: gzip.GzipFile | None = None
    _stored: list[str] = field(default_factory=list)

    def renew_lease(self) -> None:
        """Raises `LeaseLost`."""
        own = transitions.claimed_by(self.batch, self.batch.claim)
        if not own.update(claimed_at=timezone.now()):
            raise LeaseLost

    def add(self, block: Block, checked: Checked) -> None:
        """Store a block and count what is in it. Raises `StorageFull`, `UnusableFile`."""
        if not checked.count:
            return  # Nothing but empty lines.
        if self.rows + checked.count > MAX_ROWS:
            raise UnusableFile(Failure.TOO_MANY_ROWS, TOO_MANY_ROWS, limit=f"{MAX_ROWS:,}")
        number, good = len(self.chunks) + 1, len(checked.raw)
        self.chunks.append(
            BatchChunk(
                batch=self.batch,
                number=number,
                first_line=block.first,
                source=self._store(f"in-{number:05}", block.content),
                rows=checked.count,
                valid_rows=good,
            )
        )
        self.rows += checked.count
        self.valid_rows += good
        self.warned_rows += len({warning.line for warning in checked.warnings})
        shown = self.preview["rows"]
        shown += [checked.cells(row) for row in np.flatnonzero(checked.good)[: SHOWN - len(shown)].tolist()]
        self._note(checked.problems)

    def findings(self, shape: dict[str, Any]) -> Findings:
        """Store the errors, and return what was found. Raises `StorageFull`."""
        errors = ""
        if self._errors and self._packed:
            with _full_disk_told():
                self._packed.close()
            self._errors.seek(0)
            errors = self._store("errors", _Renewing(self._errors, self.renew_lease))
        return Findings(shape, self.preview, self.rows, self.valid_rows, self.warned_rows, errors)

    def forget(self, *, but: str = "") -> None:
        """Delete what was stored, except one file."""
        store.delete(*(name for name in self._stored if name != but))

    def close(self) -> None:
        if self._errors:
            self._errors.close()

    def _note(self, problems: list[RowProblem]) -> None:
        if not problems:
            return
        shown = self.preview["errors"]
        shown += [asdict(problem) for problem in problems[: SHOWN - len(shown)]]
        with _full_disk_told():
            if self._packed is None:
                self._errors = tempfile.TemporaryFile(dir=store.incoming_folder())  # noqa: SIM115  # closed by `close`
                # A row of commas has more errors than bytes; they are much the same in all rows.
                self._packed = gzip.GzipFile(fileobj=self._errors, mode="wb", compresslevel=1)
            self._packed.writelines(json.dumps(asdict(bad)).encode() + b"\n" for bad in problems)
            self._packed.flush()

    def _store(self, name: str, content: File[Any] | bytes) -> str:
        # With the claim in their name, files of an earlier attempt are never those of this one.
        stored = store.save(self.batch.pk, f"{name}-{str(self.batch.claim)[:8]}", content)
        self._stored.append(stored)
        return stored


class _Renewing(File[bytes]):
    """A file that renews the lease with every piece of it that is copied."""

    def __init__(self, file: IO[bytes], renew: Callable[[], None]) -> None:
        super().__init__(file)
        self._renew = renew

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]:
        for chunk in super().chunks(chunk_size or ERRORS_PIECE):
            self._renew()
            yield chunk


@contextmanager
def _full_disk_told() -> Iterator[None]:
    """Raises `StorageFull` if the disk cannot be written, as `store.save` does."""
    try:
        yield
    except OSError as error:
        raise store.unwritable(error) from error


def problems_of(batch: Batch) -> Iterator[RowProblem]:
    """Yield what is wrong with rows of the file, in file order. Raises `FilesDeleted`."""
    with store.opened(batch.errors) as file, gzip.open(file) as lines:
        for line in lines:
            yield RowProblem(**json.loads(line))


def _failure_of(error: UnusableFile) -> Batch.Failure:
    return Failure.TOO_MANY_ROWS if error.code == Failure.TOO_MANY_ROWS else Failure.UNUSABLE


def message_of(error: UnusableFile) -> dict[str, Any]:
    """Return what is stored of the error."""
    return {"message": error.message, "params": dict(error.params)}


def unusable_text(message: Mapping[str, Any]) -> str:
    """Return what `message_of` has stored, in the reader's language."""
    return str(gettext(message["message"]) % message["params"])
