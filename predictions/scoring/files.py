"""Scores a CSV file row by row in bounded memory."""

import csv
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from predictions.scoring.artifacts import current, load
from predictions.scoring.models.protocol import Model
from predictions.scoring.parsing import InvalidApplicant, parse_text
from predictions.scoring.schema import FIELD_NAMES, SHARE_FIELD, Applicant

OUTPUT_COLUMNS = ("approval_probability", "default_probability", "error")
CHUNK_ROWS = 5_000
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")

Row = list[str]


class UnusableFile(ValueError):
    """The file is not a table of applicants. The message explains why."""


@dataclass(frozen=True)
class Outcome:
    """The number of rows with a probability, and with an error."""

    scored: int
    refused: int


def score_file(
    folder: Path, slug: str, source: Path, target: Path, progress: Callable[[int], None]
) -> Outcome:
    """Write `source` with `OUTPUT_COLUMNS` added to `target`, which is created only when complete.

    A row that is not a valid applicant gets an `error` and no probability. `progress` is called with the
    number of rows done. Raises `UnusableFile`, `ArtifactError` or `OSError`.
    """
    model = load(folder, current(folder, slug))
    part = target.with_name(target.name + ".part")
    try:
        with (
            source.open(newline="", encoding="utf-8-sig") as incoming,
            part.open("w", newline="", encoding="utf-8") as outgoing,
        ):
            outcome = _copy(model, incoming, csv.writer(outgoing).writerows, progress)
        part.replace(target)
        return outcome
    except (UnicodeDecodeError, csv.Error) as error:
        raise UnusableFile(f"{source} is not CSV in UTF-8: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def _copy(
    model: Model, incoming: Iterator[str], write: Callable[[list[Row]], None], progress: Callable[[int], None]
) -> Outcome:
    header_line = next(incoming, "")
    delimiter = ";" if header_line.count(";") > header_line.count(",") else ","
    rows = csv.reader(itertools.chain([header_line], incoming), delimiter=delimiter)
    header = [name.strip() for name in next(rows, [])]
    _check_header(header)
    write([[*map(quoted_as_text, header), *OUTPUT_COLUMNS]])
    scored = refused = 0
    while chunk := list(itertools.islice(rows, CHUNK_ROWS)):
        results = _score(model, header, chunk)
        write(results)
        errors = sum(bool(result[-1]) for result in results)
        scored, refused = scored + len(results) - errors, refused + errors
        progress(scored + refused)
    return Outcome(scored, refused)


def _check_header(header: Sequence[str]) -> None:
    if missing := [name for name in FIELD_NAMES if name not in header and name != SHARE_FIELD]:
        raise UnusableFile(f"missing columns: {', '.join(missing)}")
    if repeated := sorted({name for name in header if header.count(name) > 1}):
        raise UnusableFile(f"columns that appear twice: {', '.join(repeated)}")
    if taken := [name for name in OUTPUT_COLUMNS if name in header]:
        raise UnusableFile(f"columns that would be overwritten: {', '.join(taken)}")


def _score(model: Model, header: Sequence[str], chunk: Sequence[Row]) -> list[Row]:
    """Return the rows of `chunk` with the output columns; blank lines are left out."""
    rows = [row for row in chunk if row]
    parsed = [_parse(model, header, row) for row in rows]
    applicants = [result for result in parsed if not isinstance(result, str)]
    probabilities = iter(model.approval(applicants).tolist())
    results = []
    for row, result in zip(rows, parsed, strict=True):
        tail = ["", "", result] if isinstance(result, str) else _probabilities(next(probabilities))
        padded = [*row, *[""] * (len(header) - len(row))]
        results.append([*map(quoted_as_text, padded[: len(header)]), *tail])
    return results


def _parse(model: Model, header: Sequence[str], row: Row) -> Applicant | str:
    """Return the applicant, or the error text of the row."""
    if len(row) != len(header):
        return f"{len(row)} cells instead of {len(header)}"
    cells = dict(zip(header, row, strict=True))
    try:
        applicant = parse_text({name: cells[name] for name in FIELD_NAMES if name in cells})
        model.columns.check(applicant)
        return applicant
    except InvalidApplicant as error:
        return "; ".join(f"{problem.field}: {problem.message % problem.params}" for problem in error.problems)


def _probabilities(approval: float) -> Row:
    return [repr(approval), repr(1 - approval), ""]


def quoted_as_text(cell: str) -> str:
    """Return the cell, with a leading apostrophe if a spreadsheet would run it as a formula.

    Numbers stay unchanged. Source: OWASP, "CSV Injection".
    """
    if not cell.startswith(FORMULA_STARTS):
        return cell
    try:
        float(cell)
    except ValueError:
        return "'" + cell
    return cell
