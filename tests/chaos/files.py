"""Files of applicants: made up with some bad rows, and what is in their files of results."""

import csv
import io
import random
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from itertools import zip_longest

from predictions.scoring.results import OUTPUT_COLUMNS, REASON_COLUMNS
from predictions.scoring.schema import SHARE_FIELD, Applicant
from tests.chaos.history import Results, Sample, SentFile
from tests.support.loans import made_up_applicants
from tests.support.scored_files import HEADER

DIFFERENT_APPLICANTS = 1_000
BAD_SHARE = 0.02
# What makes a row bad: its age is no number, or too low.
BAD_AGES = ("unknown", "7")
SHARE = re.compile(r"[01]\.[0-9]{6}")
# Rows of a file that are ordered alone afterwards, and faults of one that are told.
SAMPLES, SHOWN = 2, 5


@dataclass(frozen=True)
class Applicants:
    """The rows of a file, and whom each is about; None for a bad row."""

    rows: list[list[str]] = field(repr=False)
    whom: list[Applicant | None] = field(repr=False)

    @property
    def content(self) -> bytes:
        text = io.StringIO()
        csv.writer(text).writerows([HEADER, *self.rows])
        return text.getvalue().encode()

    @property
    def good(self) -> int:
        return sum(applicant is not None for applicant in self.whom)


def made_up(name: str, count: int, chance: random.Random) -> Applicants:
    """Return `count` rows, the first one good. No two files with different names have a row in common."""
    rows: list[list[str]] = []
    whom: list[Applicant | None] = []
    for number in range(count):
        applicant, cells = chance.choice(_known())
        is_bad = number > 0 and chance.random() < BAD_SHARE
        age = chance.choice(BAD_AGES) if is_bad else cells[0]
        rows.append([f"{name} {number}", age, *cells[1:]])
        whom.append(None if is_bad else applicant)
    return Applicants(rows, whom)


def form(content: bytes, fields: dict[str, str]) -> tuple[bytes, str]:
    """Return the body of a multipart form with a file, and its type."""
    boundary = uuid.uuid4().hex
    parts = [f'name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
    parts.append('name="file"; filename="loans.csv"\r\nContent-Type: text/csv\r\n\r\n')
    head = "".join(f"--{boundary}\r\nContent-Disposition: form-data; {part}" for part in parts)
    return (
        head.encode() + content + f"\r\n--{boundary}--\r\n".encode(),
        f"multipart/form-data; boundary={boundary}",
    )


def read(file: SentFile, sent: Applicants, results: bytes, chance: random.Random) -> Results:
    """Compare a file of results with what was sent: the same rows in the same order, each with its result."""
    lines = csv.reader(io.StringIO(results.decode(), newline=""))
    header = [*HEADER, *OUTPUT_COLUMNS, *(REASON_COLUMNS if file.reasons else ())]
    faults = [] if next(lines, None) == header else ["another header"]
    scored: list[tuple[Applicant, str]] = []
    explained = 0
    for number, (own, applicant, row) in enumerate(zip_longest(sent.rows, sent.whom, lines)):
        if row is None or own is None:
            faults.append(f"{own} is missing" if own else f"{row} is too many")
        elif row[: len(own)] != own or len(row) != len(header):
            faults.append(f"row {number} is {row} instead of {own}")
        elif fault := _fault(row[len(own) :], applicant):
            faults.append(f"{row[0]}: {fault}")
        elif applicant and row[len(own)]:
            scored.append((applicant, row[len(own)]))
            explained += any(row[len(own) + len(OUTPUT_COLUMNS) :])
    if file.reasons and scored and not explained:
        faults.append("no row has a reason code")
    samples = chance.sample(scored, min(SAMPLES, len(scored)))
    return Results(
        scored=len(scored),
        faults=(*faults[:SHOWN], *([f"{len(faults) - SHOWN} more"] if len(faults) > SHOWN else [])),
        samples=tuple(Sample(file.id, file.model, _order(whom), approval) for whom, approval in samples),
    )


def _fault(added: Sequence[str], applicant: Applicant | None) -> str:
    """Return what is wrong with what was added to a row: a result or an error, and never both."""
    approval, default, error, *reasons = added
    if not approval and not default:
        if any(reasons):
            return "no result, but reasons"
        return "" if error else "neither a result nor an error"
    if applicant is None:
        return "a result of a bad row"
    is_share = SHARE.fullmatch(approval) and SHARE.fullmatch(default)
    return "" if is_share and Decimal(approval) + Decimal(default) == 1 else f"no probabilities: {added}"


def _order(applicant: Applicant) -> dict[str, object]:
    """Return the applicant as an order of the API has it."""
    return {name: value for name, value in applicant.items() if name != SHARE_FIELD}


@cache
def _known() -> list[tuple[Applicant, list[str]]]:
    return [(applicant, list(_cells(applicant))) for applicant in made_up_applicants(DIFFERENT_APPLICANTS)]


def _cells(applicant: Applicant) -> Iterator[str]:
    """Yield the cells of `HEADER` after the first one."""
    for name in HEADER[1:]:
        yield "" if applicant[name] is None else str(applicant[name])
