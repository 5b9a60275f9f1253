"""Files of outcomes: every good row is stored, and what is wrong with the others is told by line."""

import io
from dataclasses import dataclass, field
from itertools import islice
from typing import BinaryIO

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.throttling import Limit
from predictions.models import Batch
from predictions.outcomes.files import Entry, OutcomeFile
from predictions.outcomes.services import PART, Counts, Report, day_problem, store
from predictions.outcomes.sold import BatchRows, Find, Key, Sold, predictions_of
from predictions.scoring.lines import UnusableFile
from predictions.scoring.parsing import FieldProblem
from predictions.scoring.problems import RowProblem

# Of a file in a request; those of operators have no limit.
MAX_ROWS = 100_000
# A full one takes seconds of the web server.
IMPORTS = Limit("outcome-files", 30, 60)
# What a program can do something about; other reasons are for people.
OWN_CODES = {"empty", "too_many_rows", "no_references"}
REPEATED = gettext_noop("Line %(line)s has an outcome of the same loan already.")
NO_REFERENCES = gettext_noop("Your file had no column of its own. Name its rows in a column “line”.")


@dataclass
class Imported:
    """What has become of a file: `rows` with content, outcomes stored, and the problems by line."""

    rows: int = 0
    counts: Counts = field(default_factory=Counts)
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def refused(self) -> int:
        """How many rows were not stored."""
        return self.rows - self.counts.total


def import_outcomes(
    file: BinaryIO, *, by: User, of: User | None, max_rows: int | None = MAX_ROWS
) -> Imported:
    """Store outcomes of predictions of the customer `of`, or of any customer if that is None.

    Rows with problems are left out, the others are stored: sending the whole file again is harmless. Raises
    `ValidationError` for a file that is no table of outcomes or has too many rows; nothing is stored then.
    """
    opened = _opened(file, may_name_lines=False)
    return _import(opened, predictions_of(of), by=by, max_rows=max_rows)


def import_batch_outcomes(
    file: BinaryIO, batch: Batch, *, by: User, max_rows: int | None = MAX_ROWS
) -> Imported:
    """Store outcomes of rows of a scored file, named by `id` (the customer's own) or by `line`.

    As `import_outcomes`. Raises `FileNotFinished` and `FilesDeleted` too.
    """
    rows = BatchRows(batch)
    opened = _opened(file, may_name_lines=True)
    if not opened.by_line and not rows.have_references:
        raise _unusable(UnusableFile("no_references", NO_REFERENCES))
    return _import(opened, rows.by_line if opened.by_line else rows.by_reference, by=by, max_rows=max_rows)


def _import(opened: OutcomeFile, find: Find, *, by: User, max_rows: int | None) -> Imported:
    done, seen = Imported(), dict[Key, int]()
    try:
        parts = opened.parts() if max_rows is None else iter(_bounded(opened, max_rows))
        for entries, problems in parts:
            done.rows += len(entries) + len({problem.line for problem in problems})
            done.problems += problems
            remaining = iter(entries)
            while some := list(islice(remaining, PART)):
                reports, problems = _reports(some, find, seen, opened.key)
                done.problems += problems
                done.counts += store(reports, by=by)
    except UnusableFile as error:
        raise _unusable(error) from error
    done.problems.sort(key=lambda problem: problem.line)
    return done


def _bounded(opened: OutcomeFile, max_rows: int) -> list[tuple[list[Entry], list[RowProblem]]]:
    """Return the whole file, which is read before anything is stored. Raises `UnusableFile`."""
    parts, rows = [], 0
    for entries, problems in opened.parts():
        rows += len(entries) + len({problem.line for problem in problems})
        if rows > max_rows:
            message = gettext_noop("The file has more than %(limit)s rows.")
            raise UnusableFile("too_many_rows", message, limit=max_rows)
        parts.append((entries, problems))
    return parts


def _reports(
    entries: list[Entry], find: Find, seen: dict[Key, int], key: str
) -> tuple[list[Report], list[RowProblem]]:
    """Return what can be stored, and the problems of the other entries. `seen`: lines of those before."""
    found = find(list(dict.fromkeys(entry.name for entry in entries)))
    reports, problems = [], []
    for entry in entries:
        sold = found[entry.name]
        problem = sold if isinstance(sold, FieldProblem) else _problem(entry, sold, seen, key)
        if problem:
            problems.append(RowProblem.of(entry.line, problem))
        elif isinstance(sold, Sold):
            seen[sold.key] = entry.line
            reports.append(Report(sold, entry.result, entry.observed_on))
    return reports, problems


def _problem(entry: Entry, sold: Sold, seen: dict[Key, int], key: str) -> FieldProblem | None:
    if before := seen.get(sold.key):
        return FieldProblem(key, "repeated", REPEATED, {"line": str(before)})
    return day_problem(sold, entry.observed_on)


def _opened(file: BinaryIO, *, may_name_lines: bool) -> OutcomeFile:
    # What decodes a file closes it when it is forgotten, and this one is the caller's.
    content = io.BytesIO(file.read())
    try:
        return OutcomeFile(content, may_name_lines=may_name_lines)
    except UnusableFile as error:
        raise _unusable(error) from error


def _unusable(error: UnusableFile) -> ValidationError:
    code = error.code if error.code in OWN_CODES else "unusable_file"
    return ValidationError({"file": ValidationError(_(error.message) % error.params, code)})
