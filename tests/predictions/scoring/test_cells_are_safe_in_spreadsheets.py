"""No cell of a CSV file is run as a formula, whatever the spreadsheet's language. Numbers stay numbers."""

import csv
import io
import random
import re
import sys
import unicodedata
from decimal import Decimal

import pytest

from predictions.scoring.cells import probability_texts, quoted_as_text

FORMULAS = "=+-@＝＋－＠﹦﹢﹣﹫⁺⁻⁼₊₋₌\ufb29"
SIGNS = ("=", "+", "-", "@")
# What spreadsheets ignore: spaces and invisible characters.
IGNORED = ' "\u00a0\u00ad\u0085\u1680\u2028\u202e\u205f\u2060\u2066\u3000\u3164\ufe0f\ufeff'
# Numbers, and the minus for an unknown value.
HARMLESS = re.compile(r"-|[+-]1+")


@pytest.mark.parametrize(
    "cell",
    [
        *("=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "\rx", "\nx", "+-3", "--1", "-1+1", "+7 999"),
        *("\n=1+1", " =1+1", "\u00a0=1", '"=1+1"', ' "\t=1', "\ufeff=1", "\u200b@x", "\x01=1"),
        *("＝1+1", "＋1", "－1", "＠x", "-1_000", "-１", "-inf", "- 5", "-5,5,5"),
    ],
)
def test_a_formula_at_the_start_becomes_text(cell: str) -> None:
    assert quoted_as_text(cell).startswith("'" + cell[0])
    assert quoted_as_text(cell).replace("'", "") == cell


@pytest.mark.parametrize("sign", FORMULAS)
@pytest.mark.parametrize("before", ["", *IGNORED, "\u3000\u00a0 "])
def test_no_form_of_a_sign_begins_a_formula_after_anything_invisible(before: str, sign: str) -> None:
    assert quoted_as_text(f"{before}{sign}1+1") == f"'{before}{sign}1+1"
    assert quoted_as_text(f"x;{before}{sign}1+1") == f"x;{before}'{sign}1+1"


def test_every_character_that_is_a_sign_in_another_form_is_guarded() -> None:
    signs = [
        chr(code)
        for code in range(sys.maxunicode)
        if unicodedata.normalize("NFKC", chr(code)).startswith(SIGNS)
    ]
    assert len(signs) > len(SIGNS)
    assert [sign for sign in signs if quoted_as_text(f"{sign}A1") != f"'{sign}A1"] == []


@pytest.mark.parametrize(
    ("cell", "safe"),
    [
        ("x;=1+1", "x;'=1+1"),
        ("x,=1+1", "x,'=1+1"),
        ("x\t=1+1", "x\t'=1+1"),
        ("x; =1+1", "x; '=1+1"),
        ("x\n=1+1", "x\n'=1+1"),
        ('x;"=1+1"', 'x;"\'=1+1"'),
        ("x;＝1", "x;'＝1"),
        ("=1;=2", "=1;'=2"),
        (";;=1", ";;'=1"),
    ],
)
def test_a_formula_in_a_cell_that_is_split_becomes_text(cell: str, safe: str) -> None:
    assert quoted_as_text(cell).removeprefix("'") == safe


@pytest.mark.parametrize(
    "cell",
    [
        "",
        "-",
        "-3.5",
        "+7",
        "-1e5",
        "-10,50",
        "-1,050.00",
        "-1 050,00",
        "-1\u00a0050,00",
        "a=b",
        "loan 5",
        "a-b",
        "Иванов, дом 5",
        "2026-11-26T00:00:00Z",
    ],
)
def test_numbers_and_plain_text_are_unchanged(cell: str) -> None:
    assert quoted_as_text(cell) == cell


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("other", [",", ";", "\t"])
def test_no_spreadsheet_of_another_language_finds_a_formula(delimiter: str, other: str) -> None:
    rng = random.Random(19)  # noqa: S311
    for _ in range(3_000):
        text = "".join(rng.choices("=+-@＝﹦" * 2 + IGNORED + ";,\t\n1a", k=rng.randint(1, 8)))
        file = io.StringIO()
        csv.writer(file, delimiter=delimiter).writerow(["1", quoted_as_text(text), "2"])
        # With and without regard to the quotes.
        cells = [part for line in re.split("[\r\n]", file.getvalue()) for part in line.split(other)]
        file.seek(0)
        cells += [cell for row in csv.reader(file, delimiter=other) for cell in row]
        for cell in cells:
            found = cell.strip(IGNORED)
            assert not found or found[0] not in FORMULAS or HARMLESS.fullmatch(found), (text, cell)


def test_guarding_twice_changes_nothing_more() -> None:
    for cell in ("=1+1", "x;=1+1", "\n=1"):
        assert quoted_as_text(quoted_as_text(cell)) == quoted_as_text(cell)


@pytest.mark.parametrize("end", ["\t", ";", " ", "\n"])
def test_a_long_run_of_separators_is_read_once(end: str) -> None:
    """Reading it again from each of its characters would take hours."""
    cell = "x" + end * 1_000_000
    assert quoted_as_text(cell) == cell
    assert quoted_as_text(cell + "x") == cell + "x"


@pytest.mark.parametrize(
    ("approval", "texts"),
    [
        (0.9986880000000000202, ("0.998688", "0.001312")),
        (0.5, ("0.500000", "0.500000")),
        (0.0000004, ("0.000000", "1.000000")),
        (1.0, ("1.000000", "0.000000")),
        (0.0000005000001, ("0.000001", "0.999999")),
    ],
)
def test_probabilities_have_six_decimals_and_add_up(approval: float, texts: tuple[str, str]) -> None:
    assert probability_texts(approval) == texts
    assert sum(map(Decimal, texts)) == 1
