"""Files of applicants, and what the score command makes of them."""

import csv
import io
from pathlib import Path

from predictions.scoring.__main__ import main
from predictions.scoring.schema import FIELD_NAMES, SHARE_FIELD
from tests.support.loans import made_up_applicants

# An own column, and all fields except the share, which is computed.
HEADER = ["id", *(name for name in FIELD_NAMES if name != SHARE_FIELD)]


def some_rows(count: int) -> list[list[str]]:
    """Rows of `HEADER` that every model can score."""
    rows = []
    for number, applicant in enumerate(made_up_applicants(count)):
        cells = ["" if applicant[name] is None else str(applicant[name]) for name in HEADER[1:]]
        rows.append([f"loan {number}", *cells])
    return rows


def written(path: Path, rows: list[list[str]], header: list[str] = HEADER, delimiter: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


def run(
    folder: Path, source: Path, slug: str = "logistic-regression", delimiter: str = ","
) -> tuple[int, list[dict[str, str]]]:
    """Score `source`; return the exit code and the rows of the result, none if there is no result."""
    target = folder / "out.csv"
    code = main(["score", "--model", slug, str(source), str(target)])
    if not target.exists():
        return code, []
    text = target.read_bytes().decode("utf-8-sig")
    return code, list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
