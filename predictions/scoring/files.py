"""Scores a CSV file row by row in bounded memory."""

import csv
import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from predictions.scoring.artifacts import current, load
from predictions.scoring.cells import probability_texts, quoted_as_text
from predictions.scoring.models.protocol import Model
from predictions.scoring.parsing import InvalidApplicant, parse_cells
from predictions.scoring.schema import FIELD_NAMES, Applicant
from predictions.scoring.tables import Row, Table

OUTPUT_COLUMNS = ("approval_probability", "default_probability", "error")
CHUNK_ROWS = 5_000


@dataclass(frozen=True)
class Outcome:
    """The number of rows with a probability, with an error, and without any value, which are left out.

    `skipped_lines` has the first of the lines that were left out.
    """

    scored: int
    refused: int
    skipped: int = 0
    skipped_lines: tuple[int, ...] = ()


def score_file(
    folder: Path, slug: str, source: Path, target: Path, progress: Callable[[int], None]
) -> Outcome:
    """Write `source` with `OUTPUT_COLUMNS` added to `target`, which is created only when complete.

    `target` is UTF-8, has the delimiter of `source`, and a byte order mark if `source` has one. A row that is
    not a valid applicant gets an `error` with its line and no probability. `progress` is called with the
    number of rows done. Raises `UnusableFile`, `ArtifactError` or `OSError`.
    """
    model = load(folder, current(folder, slug))
    part = target.with_name(target.name + ".part")
    try:
        with source.open("rb") as incoming:
            table = Table(incoming, OUTPUT_COLUMNS)
            encoding = "utf-8-sig" if table.mark else "utf-8"
            with part.open("w", newline="", encoding=encoding) as outgoing:
                write = csv.writer(outgoing, delimiter=table.delimiter).writerows
                outcome = _copy(model, table, write, progress)
        part.replace(target)
        return outcome
    finally:
        part.unlink(missing_ok=True)


def _copy(
    model: Model,
    table: Table,
    write: Callable[[Iterable[Sequence[str]]], None],
    progress: Callable[[int], None],
) -> Outcome:
    write([[*map(quoted_as_text, table.header), *OUTPUT_COLUMNS]])
    rows = table.rows()
    scored = refused = 0
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        results = _score(model, table.names, chunk)
        write(results)
        errors = sum(bool(result[-1]) for result in results)
        scored, refused = scored + len(results) - errors, refused + errors
        progress(scored + refused)
    return Outcome(scored, refused, table.skipped, tuple(table.skipped_lines))


def _score(model: Model, names: Sequence[str], rows: Sequence[Row]) -> list[list[str]]:
    """Return the rows with the output columns."""
    parsed = [_parse(model, names, row) for row in rows]
    applicants = [result for result in parsed if not isinstance(result, str)]
    probabilities = iter(model.approval(applicants).tolist())
    results = []
    for row, result in zip(rows, parsed, strict=True):
        if isinstance(result, str):
            tail = ["", "", f"line {row.line}: {result}"]
        else:
            tail = [*probability_texts(next(probabilities)), ""]
        padded = [*row.cells, *[""] * (len(names) - len(row.cells))]
        results.append([*map(quoted_as_text, padded[: len(names)]), *tail])
    return results


def _parse(model: Model, names: Sequence[str], row: Row) -> Applicant | str:
    """Return the applicant, or the error text of the row."""
    if row.error:
        return row.error
    cells = dict(zip(names, row.cells, strict=True))
    try:
        applicant = parse_cells({name: cells[name] for name in FIELD_NAMES if name in cells})
        model.columns.check(applicant)
        return applicant
    except InvalidApplicant as error:
        return "; ".join(f"{problem.field}: {problem.message % problem.params}" for problem in error.problems)
