"""The slow way to score a file, which the engine for large files must agree with: one row after the other.

It reads with the row reader that the engine uses only where it finds damage, checks each row with
`parse_cells` alone, and scores it alone.
"""

import csv
import io
from dataclasses import dataclass, field

from number_input import SPACES
from predictions.scoring.cells import quoted_as_text
from predictions.scoring.lines import Lines
from predictions.scoring.models.protocol import Model
from predictions.scoring.parsing import InvalidApplicant, parse_cells
from predictions.scoring.rounding import rounded
from predictions.scoring.schema import FIELD_NAMES, SHARE_FIELD, Applicant
from predictions.scoring.tables import Shape, read_header, read_row


@dataclass
class Expected:
    """What must come out of a file: applicants and errors by line, and the file of results."""

    applicants: dict[int, Applicant] = field(default_factory=dict)
    errors: dict[int, str] = field(default_factory=dict)
    skipped: list[int] = field(default_factory=list)
    results: str = ""


def expected_of(content: bytes, model: Model, recompute: bool = False) -> Expected:
    lines, mark = Lines.of_file(io.BytesIO(content))
    delimiter, header = read_header(lines)
    names, width = Shape(delimiter, tuple(header)).names, len(header)
    expected, text = Expected(), io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow([*map(quoted_as_text, header), "approval_probability", "default_probability", "error"])
    number = lines.number + 1
    while row := read_row(lines, delimiter, width):
        line, number = number, lines.number + 1
        cells = row.lines[0].rstrip("\r\n").split(delimiter) if row.cells is None else row.cells
        if not any(cell.strip(SPACES) for cell in cells):
            expected.skipped.append(line)
            continue
        tail = ["", ""]
        if row.cells is None:
            error = f"line {line}: a quotation mark in line {line} is not closed properly"
        elif len(cells) != width:
            error = f"line {line}: {len(cells)} cells instead of {width}"
        else:
            error = _check(model, dict(zip(names, cells, strict=True)), line, expected, recompute)
        if error:
            expected.errors[line] = error
        if line in expected.applicants:
            approval = rounded(float(model.approval([expected.applicants[line]])[0]))
            tail = [str(approval), str(1 - approval)]
        padded = [*cells[:width], *[""] * (width - len(cells))]
        writer.writerow([*map(quoted_as_text, padded), *tail, error])
    expected.results = "\ufeff" * mark + text.getvalue()
    return expected


def _check(model: Model, row: dict[str, str], line: int, expected: Expected, recompute: bool) -> str:
    """Put the applicant into `expected`, and return the text of the row's error or warning."""
    cells = {name: row[name] for name in FIELD_NAMES if name in row}
    warning = ""
    try:
        try:
            applicant = parse_cells(cells)
        except InvalidApplicant as error:
            if not recompute or {problem.code for problem in error.problems} != {"contradiction"}:
                raise
            params = error.problems[0].params
            warning = (
                f"line {line}: {SHARE_FIELD}: Warning: calculated from amount and income, "
                f"which give {params['share']} instead of {params['given']}."
            )
            applicant = parse_cells({name: cell for name, cell in cells.items() if name != SHARE_FIELD})
        model.columns.check(applicant)
    except InvalidApplicant as error:
        problems = [f"{found.field}: {found.message % found.params}" for found in error.problems]
        return f"line {line}: {'; '.join(problems)}"
    expected.applicants[line] = applicant
    return warning
