"""The files that come out of a block: the customer's own columns, probabilities, reasons and errors."""

import csv
import io

import numpy as np
import pytest

from predictions.scoring.artifacts import current, load
from predictions.scoring.checks import Checked, check
from predictions.scoring.predict import approve
from predictions.scoring.problems import Params
from predictions.scoring.results import (
    ERROR_COLUMNS,
    OUTPUT_COLUMNS,
    REASON_COLUMNS,
    errors,
    errors_header,
    results,
    results_header,
)
from predictions.scoring.sources import open_source
from predictions.scoring.tables import Shape
from tests.support.loans import SOLD
from tests.support.scored_files import HEADER, some_rows

MODEL = load(SOLD, current(SOLD, "logistic-regression"))
GOOD = some_rows(1)[0]
BAD = [GOOD[0], "17", *GOOD[2:-1], "Z"]


def checked(rows: list[list[str]], delimiter: str = ",", start: str = "") -> Checked:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows([HEADER, *rows])
    (block,) = open_source(io.BytesIO((start + file.getvalue()).encode())).blocks()
    return check(block, MODEL.columns)


def cells(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline=""), delimiter=delimiter))


@pytest.mark.parametrize("own", ["a", '5" pipe', "=1+1"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_reasons_follow_the_error(delimiter: str, own: str) -> None:
    rows = checked([[own, *GOOD[1:]], BAD, GOOD], delimiter)
    found = cells(results(rows, approve(MODEL, rows.raw), [("AGE", "RATE"), ()]), delimiter)
    assert [len(row) for row in found] == [len(HEADER) + 3 + 4] * 3
    assert [row[-4:] for row in found] == [["AGE", "RATE", "", ""], [""] * 4, [""] * 4]
    assert found[0][0] == own.replace("=", "'=")
    assert found[1][-5].startswith("line 3: person_age: ")
    header = cells(results_header(rows.block.shape, with_reasons=True), delimiter)
    assert header == [[*HEADER, *OUTPUT_COLUMNS, *REASON_COLUMNS]]


def test_a_row_that_could_not_be_scored_says_so() -> None:
    rows = checked([GOOD, GOOD])
    first, second = cells(results(rows, np.array([np.nan, 0.25])))
    assert first[-3:] == ["", "", "line 2: this row could not be scored"]
    assert second[-3:] == ["0.250000", "0.750000", ""]


def test_errors_have_a_row_for_each_field() -> None:
    rows = checked([GOOD, BAD, GOOD[:3]], ";", "\ufeff")
    assert errors_header(rows.block.shape).decode() == "\ufeff" + ";".join(ERROR_COLUMNS) + "\r\n"
    assert cells(errors(rows.problems, rows.block.shape), ";") == [
        ["3", "person_age", "out_of_bounds", "Enter a number from 18 to 100."],
        ["3", HEADER[-1], "not_a_number", "Enter a number."],
        ["4", "", "cells", f"3 cells instead of {len(HEADER)}"],
    ]


def test_messages_are_translated() -> None:
    rows = checked([BAD])
    words = {
        "line %(line)s: %(problems)s": "строка %(line)s: %(problems)s",
        "Enter a number from %(minimum)s to %(maximum)s.": "Введите число от %(minimum)s до %(maximum)s.",
    }

    def say(message: str, params: Params) -> str:
        return words.get(message, message) % params

    assert (
        "строка 2: person_age: Введите число от 18 до 100.; " in results(rows, np.empty(0), say=say).decode()
    )
    assert "Введите число" in errors(rows.problems, rows.block.shape, say).decode()


def test_values_outside_the_training_range_are_marked() -> None:
    old, rich = list(GOOD), list(GOOD)
    old[HEADER.index("person_age")], rich[HEADER.index("person_income")] = "81", "500001"
    assert checked([GOOD, old, BAD, rich]).outside.tolist() == [False, True, True]


def test_a_shape_is_stored_and_read_back() -> None:
    shape = checked([GOOD], "\t", "\ufeff").block.shape
    assert Shape.from_dict(shape.to_dict()) == shape
    assert shape.mark
