import csv
import io
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from predictions.site.csv_files import CHUNK, csv_chunks


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_table_comes_in_pieces_and_whole() -> None:
    rows = [(number, f"row {number}", None) for number in range(2 * CHUNK + 1)]
    pieces = list(csv_chunks(["number", "name", "note"], rows))
    assert [piece.count("\n") for piece in pieces] == [1 + CHUNK, CHUNK, 1]
    assert read("".join(pieces)) == [
        ["number", "name", "note"],
        *([str(number), name, ""] for number, name, _ in rows),
    ]


def test_an_empty_table_has_its_header() -> None:
    assert list(csv_chunks(["number"], [])) == ["\ufeffnumber\r\n"]


def test_what_a_spreadsheet_would_run_is_text_and_numbers_stay() -> None:
    row = ("=1+1", Decimal("-0.5"), "-10.00", -3, "x;=1+1")
    table = read("".join(csv_chunks(["a", "b", "c", "d", "e"], [row])))
    assert table[1] == ["'=1+1", "-0.5", "-10.00", "-3", "x;'=1+1"]


def test_equal_numbers_keep_their_decimals() -> None:
    row = (1, 1.0, Decimal("1.00"), Decimal("1.000000"), -0.0, 0.00001, 1e16)
    table = read("".join(csv_chunks(["number"] * len(row), [row])))
    assert table[1] == ["1", "1.0", "1.00", "1.000000", "0.0", "0.00001", "10000000000000000"]


def test_the_language_is_that_of_the_request_also_while_the_file_is_sent() -> None:
    with translation.override("ru"):
        chunks = csv_chunks(
            [_("Amount"), _("Label")], [(Decimal("-1050.50"), "a, b"), (Decimal("1E+3"), None)]
        )
    assert "".join(chunks) == "\ufeffСумма;Пометка\r\n-1050,50;a, b\r\n1000;\r\n"


def test_commas_quotes_and_lines_survive() -> None:
    cell = 'Иванов, "дом",\nвторая строка'
    assert read("".join(csv_chunks(["a"], [(cell,)])))[1] == [cell]
