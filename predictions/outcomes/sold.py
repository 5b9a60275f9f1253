"""What was sold, found by what customers call it: predictions by ID, rows of files by line or reference."""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeAlias

import numpy as np
from django.utils.translation import gettext_noop as _

from accounts.models import User
from predictions.batches.files import NotFinished as FileNotFinished
from predictions.batches.scores import Scores, digests, scores_of
from predictions.batches.store import FilesDeleted
from predictions.models import Batch, Prediction, ScoringModel
from predictions.results.what_if import NotFinished
from predictions.scoring.parsing import FieldProblem

# What an outcome is of: a prediction, or the row of a file that begins in a line.
Key: TypeAlias = uuid.UUID | tuple[uuid.UUID, int]
MAX_SHOWN = 60
NO_PREDICTION = _("You have no prediction with the ID “%(name)s”.")
NO_RESULT = _("This prediction has no result.")
_COLUMNS = ("pk", "user", "model", "model_version", "approval_probability", "created_at")


@dataclass(frozen=True, slots=True)
class Sold:
    """A probability that was sold: that of a prediction, or of the row in `line` of a file (`batch`)."""

    user: uuid.UUID
    model: ScoringModel
    version: str
    approval_probability: float
    ordered_on: date
    prediction: uuid.UUID | None = None
    batch: uuid.UUID | None = None
    line: int | None = None

    @classmethod
    def of(cls, prediction: Prediction) -> "Sold":
        """Raises `NotFinished` if it has no result."""
        if prediction.approval_probability is None:
            raise NotFinished
        return cls(
            prediction.user_id,
            prediction.model,
            prediction.model_version,
            prediction.approval_probability,
            day_of(prediction.created_at),
            prediction=prediction.pk,
        )

    @property
    def key(self) -> Key:
        return key_of(self.prediction, self.batch, self.line)


Found: TypeAlias = Mapping[str, Sold | FieldProblem]
# Finds what names in a file stand for; every name that it is given is in the answer.
Find: TypeAlias = Callable[[Sequence[str]], Found]


def key_of(prediction: uuid.UUID | None, batch: uuid.UUID | None, line: int | None) -> Key:
    if prediction:
        return prediction
    if batch is None or line is None:
        raise ValueError("an outcome is of a prediction or of a row")
    return batch, line


def day_of(moment: datetime) -> date:
    """Return the day in UTC, as everywhere in the service."""
    return moment.astimezone(UTC).date()


def predictions_of(user: User | None) -> Find:
    """Return what finds predictions of a customer by ID, in any case; those of all customers without one."""
    own = Prediction.objects.all() if user is None else Prediction.objects.of(user)
    models = {model.pk: model for model in ScoringModel.objects.all()}

    def find(names: Sequence[str]) -> Found:
        ids = {name: _id_of(name) for name in names}
        rows = own.filter(pk__in=[pk for pk in ids.values() if pk]).values_list(*_COLUMNS)
        # Columns: model instances would take several times as long.
        known = {row[0]: row for row in rows}
        return {name: _sold_or_problem(name, known.get(pk)) for name, pk in ids.items()}

    def _sold_or_problem(name: str, row: tuple[Any, ...] | None) -> Sold | FieldProblem:
        if row is None:
            return FieldProblem("id", "not_found", NO_PREDICTION, {"name": name[:MAX_SHOWN]})
        pk, owner, model, version, approval, ordered = row
        if approval is None:
            return FieldProblem("id", "not_finished", NO_RESULT, {})
        return Sold(owner, models[model], version, approval, day_of(ordered), prediction=pk)

    return find


class BatchRows:
    """The rows of a file that have a result. All are read, once: 20 bytes each."""

    def __init__(self, batch: Batch) -> None:
        """Raises `FileNotFinished` if there are no results, `FilesDeleted` if they are kept no more."""
        if batch.finished_at is None or not batch.done_rows:
            raise FileNotFinished
        parts = list(scores_of(batch))
        if not parts:
            raise FilesDeleted
        self._batch = batch
        lines = np.concatenate([part.lines for part in parts])
        # Parts of a chunk that was split come after all others.
        order = np.argsort(lines)
        self._scores = Scores(
            lines[order],
            np.concatenate([part.approval for part in parts])[order],
            np.concatenate([part.references for part in parts])[order],
        )
        self._order = np.argsort(self._scores.references, kind="stable")

    @property
    def have_references(self) -> bool:
        return bool(self._scores.references.any())

    def by_line(self, names: Sequence[str]) -> Found:
        """Lines are those of the customer's file, as in its errors; the header is line 1."""
        good = {name: int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 10}
        wanted = np.array(list(good.values()), np.int64)
        places = np.searchsorted(self._scores.lines, wanted)
        found: dict[str, Sold | FieldProblem] = {name: _no_row("line", name) for name in names}
        for name, line, place in zip(good, wanted.tolist(), places.tolist(), strict=True):
            if place < len(self._scores.lines) and self._scores.lines[place] == line:
                found[name] = self._sold(place)
        return found

    def by_reference(self, names: Sequence[str]) -> Found:
        """References are the cells of the first column that is no field, without surrounding spaces."""
        wanted = digests(self._batch.pk, names)
        own = self._scores.references
        first = np.searchsorted(own, wanted, side="left", sorter=self._order).tolist()
        end = np.searchsorted(own, wanted, side="right", sorter=self._order).tolist()
        return {
            name: self._only(name, self._order[low:high].tolist()) if code else _no_row("id", name)
            for name, code, low, high in zip(names, wanted.tolist(), first, end, strict=True)
        }

    def _only(self, name: str, rows: list[int]) -> Sold | FieldProblem:
        if not rows:
            return _no_row("id", name)
        if len(rows) > 1:
            lines = ", ".join(str(self._scores.lines[row]) for row in rows[:2])
            message = _(
                "Several rows of the file have this ID: lines %(lines)s. Name them in a column “line”."
            )
            return FieldProblem("id", "ambiguous", message, {"lines": lines})
        return self._sold(rows[0])

    def _sold(self, row: int) -> Sold:
        batch = self._batch
        return Sold(
            batch.user_id,
            batch.model,
            batch.model_version,
            float(self._scores.approval[row]),
            day_of(batch.confirmed_at or batch.created_at),
            batch=batch.pk,
            line=int(self._scores.lines[row]),
        )


def _id_of(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name) if len(name) == 36 else None
    except ValueError:
        return None


def _no_row(field: str, name: str) -> FieldProblem:
    message = _("No row with a result is called “%(name)s” in the file.")
    return FieldProblem(field, "not_found", message, {"name": name[:MAX_SHOWN]})
