"""Encodings, separators, line ends, headers and damage: every row is read, or its line is named."""

import csv
import io
from pathlib import Path

import pytest

from predictions.scoring.checks import check
from predictions.scoring.lines import MAX_LINE, UnusableFile
from predictions.scoring.models.protocol import LIVE
from predictions.scoring.sources import Source, open_source
from predictions.scoring.tables import MAX_ROW_LINES
from tests.support.read_files import ReadRow, rows_of_source
from tests.support.scored_files import HEADER, run, some_rows

WIDTH = len(HEADER)
GOOD = ["1", "30", "50000", "RENT", "5", "MEDICAL", "B", "9000", "10.5", "N", "4"]


def text_of(*rows: list[str], delimiter: str = ",", end: str = "\r\n") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows([HEADER, *rows])
    return file.getvalue()


def table_of(content: str | bytes) -> Source:
    return open_source(io.BytesIO(content.encode() if isinstance(content, str) else content))


def rows_of(content: str | bytes) -> list[ReadRow]:
    return rows_of_source(table_of(content))


def named(identity: str) -> list[str]:
    return [identity, *GOOD[1:]]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le with mark", "utf-16-be with mark"]
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_separators_and_line_ends(encoding: str, delimiter: str, end: str) -> None:
    rows = [named("Иванов"), named("a,b;c"), named(f"two{end}lines")]
    content = text_of(*rows, delimiter=delimiter, end=end)
    code, _, marked = encoding.partition(" ")
    table = table_of((("\ufeff" if marked else "") + content).encode(code))
    shape = table.shape
    assert (shape.delimiter, shape.mark, list(shape.names)) == (delimiter, encoding != "utf-8", HEADER)
    assert [row.cells for row in rows_of_source(table)] == rows


@pytest.mark.parametrize(
    "line",
    [
        *(
            "sep=;",
            "SEP=;",
            '"sep=;"',
            "\ufeffsep=;",
            "\n\nsep=;",
            "sep=; ",
            "sep=;\r\n",
            "sep=;\r\n;;;\r\n \r\n",
        ),
        *("sep=;;;;;", '"sep=;";;;', "sep=;,,,", "sep=;\t\t", "sep=,", "sep=,;;;;", "sep=\t", "sep=\t;;;"),
    ],
)
def test_a_line_that_names_the_separator_is_followed(line: str) -> None:
    table = table_of(f"{line}\r\n{text_of(GOOD, delimiter=';')}")
    assert (table.shape.delimiter, list(table.shape.header)) == (";", HEADER)
    assert [row.cells for row in rows_of_source(table)] == [GOOD]


def test_the_separator_is_the_one_that_fits_the_header() -> None:
    header = ["note; more; still; more; and; more; and more; and; more; and; more", *HEADER]
    content = ",".join(header) + "\n" + ",".join(["a;b;c", *GOOD]) + "\n"
    assert table_of(content).shape.delimiter == ","


@pytest.mark.parametrize("around", ["  {}  ", "\u00a0{}\u00a0", "'{}'", ' "{}"', "\u202f{}\t"])
def test_headers_are_found_in_any_case_and_kept_as_they_are(around: str) -> None:
    header = [around.format(name.upper()) for name in HEADER]
    table = table_of(";".join(header) + "\n" + ";".join(GOOD) + "\n")
    assert list(table.shape.names) == HEADER
    assert list(table.shape.header) == [name.rstrip("\r\n") for name in header]


def test_quoted_headers_may_have_line_breaks() -> None:
    table = table_of('"My\nown",' + text_of().rstrip() + "\n" + ",".join(["x", *GOOD]))
    assert list(table.shape.header) == ["My\nown", *HEADER]
    assert [(row.line, row.cells) for row in rows_of_source(table)] == [(3, ["x", *GOOD])]


def test_several_columns_without_a_name_are_kept() -> None:
    table = table_of(text_of().rstrip() + ",,\n" + ",".join([*GOOD, "a", "b"]))
    assert list(table.shape.header) == [*HEADER, "", ""]
    assert [row.cells for row in rows_of_source(table)] == [[*GOOD, "a", "b"]]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "the file is empty"),
        (b"\xff\xfe", "the file is empty"),
        (b"\n\r\n;;;\n", "the file is empty"),
        (b"sep=;\n", "the header is missing$"),
        (b"sep=;\n\n;;\n", "the header is missing$"),
        (b"sep=;\na;b\n", "missing columns: person_age"),
        (b"sep=|\na|b\n", "line 1: the separator must be"),
        (b"a,b\n1,2\n", "missing columns: person_age"),
        (b'"person_age\n1,2\n', "header"),
        (text_of(GOOD).replace("id,", "LOAN_GRADE ,", 1), "appear twice: loan_grade"),
        (text_of(GOOD).encode("utf-32"), "UTF-32"),
        (text_of(GOOD).encode("utf-32-le"), "zero byte"),
        (text_of(GOOD).encode("utf-16-le"), "zero byte"),
        (text_of(GOOD).encode("utf-16")[:-1], "UTF-16"),
        (text_of(GOOD, named("\0")), "line 3 contains a zero byte"),
        (text_of(GOOD, named("Иванов")).encode("cp1251"), r"line 3 is not UTF-8 \(byte 0xC8\).*cp1251"),
        (text_of(GOOD, named("José")).encode("cp1252"), r"line 3 is not UTF-8 \(byte 0xE9\)\. Save"),
        (text_of(named("Иванов")).encode().replace("в".encode(), b"\xd0"), r"0xD0\)\. Save it"),
        (text_of(named("x" * MAX_LINE)), "line 2 has more than 1,000,000 characters"),
    ],
)
def test_what_cannot_be_read_is_named(content: str | bytes, reason: str) -> None:
    with pytest.raises(UnusableFile, match=reason):
        rows_of(content)


@pytest.mark.parametrize(
    "name", ["Пётр", "Фёдор", "Тёмная", "ПЁТР", "Иванов", "А. Б. Ли", "«Вёрсты»", "ООО_Ромашка5", "Пёс"]
)
def test_the_encoding_of_russian_windows_is_named(name: str) -> None:
    with pytest.raises(UnusableFile, match="cp1251"):
        rows_of(text_of(GOOD, named(name)).encode("cp1251"))


@pytest.mark.parametrize(
    "content",
    [
        text_of(named("Иванов")).encode("koi8-r"),
        text_of(named("Кредит Петру")).encode("cp866"),
        text_of(named("Смирнов")).encode("cp866"),
        text_of(named("José Müller")).encode("cp1252"),
        text_of(named("Пётр Фёдоров")).encode()[: -len(",".join(GOOD[1:])) - 4],
    ],
    ids=["KOI8-R", "cp866", "cp866, one word", "cp1252", "UTF-8 that was cut"],
)
def test_other_bytes_are_not_called_russian_windows(content: bytes) -> None:
    with pytest.raises(UnusableFile, match=r"Save it as UTF-8$") as refused:
        rows_of(content)
    assert "cp1251" not in str(refused.value)


def test_rows_without_a_value_are_counted_and_named() -> None:
    empty = [",".join([""] * WIDTH), ",,", "", '"",' + " ," * (WIDTH - 2) + "\u00a0"]
    table = table_of(text_of() + "\n".join([empty[0], ",".join(GOOD), *empty[1:]]))
    (block,) = table.blocks()
    checked = check(block, LIVE)
    assert (checked.count, checked.good_lines, checked.skipped) == (1, [3], [2, 4, 5, 6])


def test_ragged_rows_are_errors() -> None:
    rows = rows_of(text_of(GOOD, GOOD[:-1], [*GOOD, ""], GOOD))
    assert [(row.line, row.error) for row in rows] == [
        (2, ""),
        (3, f"{WIDTH - 1} cells instead of {WIDTH}"),
        (4, f"{WIDTH + 1} cells instead of {WIDTH}"),
        (5, ""),
    ]


@pytest.mark.parametrize(
    "later",
    [
        "",
        ",".join(named('"Smith, J."')),
        ",".join(named('Smith"')),
        ",".join(named("two\nlines")),
        '"x',
    ],
    ids=["the end", "a quoted cell", "a stray quote", "a short row", "another one"],
)
@pytest.mark.parametrize("column", [0, 5, WIDTH - 1])
def test_a_quote_that_is_not_closed_takes_no_other_row_with_it(column: int, later: str) -> None:
    broken = [*GOOD[:column], '"' + GOOD[column], *GOOD[column + 1 :]]
    lines = [GOOD, broken, named("2"), named("3"), named("4")]
    rows = rows_of(text_of() + "\n".join(map(",".join, lines)) + "\n" + later + "\n")
    assert [(row.line, row.cells, row.error) for row in rows[:5]] == [
        (2, GOOD, ""),
        (3, broken, "a quotation mark in line 3 is not closed properly"),
        (4, named("2"), ""),
        (5, named("3"), ""),
        (6, named("4"), ""),
    ]


def test_a_quote_swallows_no_row_in_a_long_file() -> None:
    """Longer than a row with line breaks can be, and longer than what the csv module keeps of a cell."""
    count = MAX_ROW_LINES + 20
    lines = ["x" * 200, '"' + "y" * 200, *["z" * 200] * count]
    rows = rows_of(text_of() + "\n".join(lines))
    assert [row.line for row in rows] == list(range(2, count + 4))
    assert all(row.error for row in rows)


@pytest.mark.parametrize("cell", ["a\nb", "a\r\nb\n\nc", 'say "x",\ny', "1,2,3\n4,5,6", "\n", "a\rb"])
@pytest.mark.parametrize("column", [0, WIDTH - 1])
def test_quoted_line_breaks_are_part_of_their_cell(cell: str, column: int) -> None:
    row = [*GOOD[:column], cell, *GOOD[column + 1 :]]
    rows = rows_of(text_of(row, GOOD))
    assert [(row.cells, row.error) for row in rows] == [(row, ""), (GOOD, "")]
    assert rows[1].line == 3 + len(cell.splitlines()) - 1 + cell.endswith("\n")


def test_a_quote_inside_a_cell_is_a_character() -> None:
    rows = rows_of(text_of() + ",".join(named('5" pipe')) + "\n")
    assert [(row.cells, row.error) for row in rows] == [(named('5" pipe'), "")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_result_has_the_separator_and_mark_of_the_file(
    encoding: str, delimiter: str, tmp_path: Path
) -> None:
    lines = [
        [name.title() for name in HEADER],
        *([cell.replace(".", ",") for cell in row] for row in some_rows(3)),
    ]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(lines)
    (tmp_path / "in.csv").write_bytes(text.getvalue().encode(encoding))
    code, results = run(tmp_path, tmp_path / "in.csv", delimiter=delimiter)
    assert code == 0
    assert list(results[0]) == [*lines[0], "approval_probability", "default_probability", "error"]
    assert [list(result.values())[:WIDTH] for result in results] == lines[1:]
    written = (tmp_path / "out.csv").read_bytes()
    assert written.startswith(b"\xef\xbb\xbf") == (encoding != "utf-8")


def test_the_command_names_what_it_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "in.csv").write_text(text_of(GOOD) + ",,,\n" + ",".join(named('"2')) + "\n,\n")
    code, results = run(tmp_path, tmp_path / "in.csv")
    assert code == 1
    assert [result["error"] for result in results] == [
        "",
        "line 4: a quotation mark in line 4 is not closed properly",
    ]
    assert (
        "1 rows scored, 1 with an error, 2 without any value left out (lines 3, 5)" in capsys.readouterr().err
    )


def test_a_header_alone_is_a_file_of_no_rows(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(text_of())
    assert run(tmp_path, tmp_path / "in.csv") == (0, [])
    assert (tmp_path / "out.csv").read_text().startswith("id,person_age")


@pytest.mark.parametrize("cell", ['"a"b', '"a" ', '"a""b', '"Smith, "Bob""'])
def test_text_after_a_closing_quote_is_an_error_of_its_row(cell: str) -> None:
    rows = rows_of(text_of() + "\n".join(map(",".join, [named(cell), named("2")])))
    assert [(row.line, row.error) for row in rows] == [
        (2, "a quotation mark in line 2 is not closed properly"),
        (3, ""),
    ]
