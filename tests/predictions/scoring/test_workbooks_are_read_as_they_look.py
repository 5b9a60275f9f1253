"""Excel workbooks: each cell is the text that somebody would type, and no workbook takes much memory."""

import io
import re
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import openpyxl
import pytest

from predictions.scoring import workbook_limits
from predictions.scoring.checks import check
from predictions.scoring.lines import UnusableFile
from predictions.scoring.models.protocol import LIVE
from predictions.scoring.schema import FIELD_NAMES, SHARE_FIELD
from predictions.scoring.sources import open_source
from tests.support.read_files import rows_of_source
from tests.support.scored_files import run

HEADER = ["id", *(name for name in FIELD_NAMES if name != SHARE_FIELD)]
GOOD: list[Any] = ["1", 30, 50000.0, "RENT", 5, "MEDICAL", "B", 9000, 10.5, "N", 4]
TEXTS = ["1", "30", "50000", "RENT", "5", "MEDICAL", "B", "9000", "10.5", "N", "4"]
SHEET = "xl/worksheets/sheet1.xml"


def workbook(
    *rows: Sequence[object], header: Sequence[str] = HEADER, formats: dict[str, str] | None = None
) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for row in [header, *rows]:
        sheet.append(list(row))
    for place, code in (formats or {}).items():
        sheet[place].number_format = code
    book.create_sheet("another").append(["x"])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def changed(content: bytes, part: str, change: Any) -> bytes:
    file = io.BytesIO()
    with ZipFile(io.BytesIO(content)) as old, ZipFile(file, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name)
            new.writestr(name, change(data) if name == part else data)
    return file.getvalue()


def own_cell(value: Any) -> str:
    rows = rows_of_source(open_source(io.BytesIO(workbook([value, *GOOD[1:]]))))
    assert [row.cells[1:] for row in rows] == [TEXTS[1:]]
    return rows[0].cells[0]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((34000.0, "34000"), (10.5, "10.5"), (0.1 + 0.2, "0.3"), (1e-5, "0.00001"), (-5, "-5"), (0.0, "0")),
        *((1e21, "1000000000000000000000"), (2**53, "9007199254740992"), (True, "TRUE"), (False, "FALSE")),
        *(
            (date(2024, 1, 5), "2024-01-05"),
            (datetime.fromisoformat("2024-01-05T10:30"), "2024-01-05 10:30:00"),
        ),
        *((time(10, 30), "10:30:00"), (None, ""), ("#N/A", "#N/A"), ("001", "001"), (" x ", " x ")),
        *(("two\nlines", "two\nlines"), ('say "hi", x', 'say "hi", x'), ("Иванов", "Иванов"), ("=1+1", "")),
    ],
)
def test_cells_are_what_somebody_would_type(value: Any, text: str) -> None:
    assert own_cell(value) == text


def test_a_formula_has_its_stored_value() -> None:
    content = changed(
        workbook(["=1+1", *GOOD[1:]]),
        SHEET,
        lambda data: re.sub(rb"<f>1\+1</f><v ?/>|<f>1\+1</f><v></v>", b"<f>1+1</f><v>2</v>", data),
    )
    assert rows_of_source(open_source(io.BytesIO(content)))[0].cells[0] == "2"


def test_a_rate_in_percent_is_the_rate_that_is_shown() -> None:
    row = [*GOOD[:8], 0.105, *GOOD[9:]]
    content = workbook(row, row, formats={"I2": "0.0%", "A2": "0%"})
    first, second = rows_of_source(open_source(io.BytesIO(content)))
    assert (first.cells[8], second.cells[8], first.cells[0]) == ("10.5%", "0.105", "1")


def test_rows_are_numbered_as_in_the_sheet(tmp_path: Path) -> None:
    bad = [*GOOD[:6], "Z", *GOOD[7:]]
    rows: list[list[Any]] = [GOOD, [], ["two\nlines", *GOOD[1:]], bad, [None] * 11, [*GOOD, "more"], GOOD]
    (tmp_path / "in.xlsx").write_bytes(workbook(*rows))
    code, results = run(tmp_path, tmp_path / "in.xlsx")
    assert code == 1
    assert [result["error"] for result in results] == [
        "",
        "",
        "line 5: loan_grade: Choose one of: A, B, C, D, E, F, G.",
        "line 7: 12 cells instead of 11",
        "",
    ]
    assert results[1]["id"] == "two\nlines"
    assert (tmp_path / "out.csv").read_bytes().startswith(b"\xef\xbb\xbf")


@pytest.mark.parametrize("size", [1, 100, 10_000])
def test_blocks_of_any_size_have_the_same_rows(size: int) -> None:
    rows: list[list[Any]] = [GOOD, [], ["two\nlines", *GOOD[1:]], *[GOOD] * 5]
    source = open_source(io.BytesIO(workbook(*rows)))
    checked = [check(block, LIVE) for block in source.blocks(size)]
    assert [line for block in checked for line in block.good_lines] == [2, 4, 5, 6, 7, 8, 9]
    assert [line for block in checked for line in block.skipped] == [3]


def test_the_header_may_stand_lower() -> None:
    content = workbook(HEADER, GOOD, header=[])
    assert [row.line for row in rows_of_source(open_source(io.BytesIO(content)))] == [3]


def refused(content: bytes) -> str:
    with pytest.raises(UnusableFile) as error:
        rows_of_source(open_source(io.BytesIO(content)))
    return error.value.code


def test_a_workbook_without_applicants_is_refused() -> None:
    assert refused(workbook(header=[])) == "empty"
    assert refused(workbook(header=["a", "b"])) == "missing_columns"


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.replace(b"<row", b"<!DOCTYPE x><row", 1),
        lambda data: data.replace(b"<row", b"<!-- --><row", 1),
        lambda data: data.replace(b"<row", b"<row><row", 1).replace(b"</row>", b"</row></row>", 1),
        lambda data: data.replace(b"</row>", b"", 1),
        lambda data: data.replace(b'<row r="2"', b'<row r="99999999999"'),
        lambda data: data.replace(b"<v>30</v>", b"<v>x</v>"),
        lambda data: b"no XML",
        lambda data: data[: len(data) // 2],
    ],
)
def test_a_sheet_that_no_program_writes_is_refused(change: Any) -> None:
    assert refused(changed(workbook(GOOD), SHEET, change)) == "workbook"


@pytest.mark.parametrize("part", ["xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_a_part_that_declares_entities_is_refused(part: str) -> None:
    entity = b'<!DOCTYPE x [<!ENTITY a "a">]><'

    def declare(data: bytes) -> bytes:
        start = data.find(b"?>") + 2 if data.startswith(b"<?") else 0
        return data[:start] + data[start:].replace(b"<", entity, 1)

    assert refused(changed(workbook(GOOD), part, declare)) == "workbook"


def test_a_cell_far_to_the_right_makes_no_wide_row() -> None:
    content = changed(workbook(GOOD), SHEET, lambda data: data.replace(b'r="K2"', b'r="ZZZ2"'))
    (row,) = rows_of_source(open_source(io.BytesIO(content)))
    assert row.cells == [*TEXTS[:-1], ""]


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        *(("MAX_SHEET", "too_large"), ("MAX_PART", "too_large"), ("MAX_ROW", "workbook")),
        *(("MAX_TEXTS", "too_large"), ("MAX_TEXTS_MEMORY", "too_large")),
    ],
)
def test_what_unpacks_into_too_much_is_refused(
    limit: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = io.BytesIO(workbook(GOOD))
    with ZipFile(content, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"<sst>" + b"<si><t>x</t></si>" * 20 + b"</sst>")
    monkeypatch.setattr(workbook_limits, limit, 300)
    assert refused(content.getvalue()) == code


def test_many_short_texts_are_more_than_their_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    content = io.BytesIO(workbook(GOOD))
    with ZipFile(content, "a", ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", b"<sst>" + b"<si><t>x</t></si>" * 20 + b"</sst>")
    monkeypatch.setattr(workbook_limits, "MAX_TEXTS_MEMORY", 1_000)
    assert refused(content.getvalue()) == "too_large"


@pytest.mark.parametrize("damage", ["cut", "comment", "no workbook", "not an archive"])
def test_a_damaged_archive_is_refused(damage: str) -> None:
    content = workbook(GOOD)
    other = io.BytesIO()
    with ZipFile(other, "w") as archive:
        archive.writestr("a.txt", "x")
    damaged = {
        "cut": content[:-30],
        "comment": content[:-2] + b"\x01\x00x",
        "no workbook": other.getvalue(),
        "not an archive": b"PK\3\4",
    }
    assert refused(damaged[damage]) == "workbook"
