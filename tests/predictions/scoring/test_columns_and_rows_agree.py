"""Files are read and checked by columns; the same rows, one by one, give the same values and messages."""

import csv
import io
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from predictions.scoring import cell_values, predict
from predictions.scoring.artifacts import current, load
from predictions.scoring.checks import Checked, check
from predictions.scoring.models.columns import Columns
from predictions.scoring.parsing import parse_cells
from predictions.scoring.predict import approve
from predictions.scoring.problems import row_text
from predictions.scoring.results import results, results_header
from predictions.scoring.schema import FIELD_NAMES, FIELDS, SHARE_FIELD, ChoiceField
from predictions.scoring.sources import open_source
from tests.support.loans import SLUGS, SOLD, made_up_applicants
from tests.support.odd_cells import ODD_CHOICES, ODD_NUMBERS, OWN_CELLS
from tests.support.row_by_row import expected_of
from tests.support.scored_files import HEADER, some_rows

SCORECARD = load(SOLD, current(SOLD, "logistic-regression"))
FULL_HEADER = ["id", *FIELD_NAMES]
GOOD = ["a", "30", "50000", "RENT", "5", "MEDICAL", "B", "9000", "10.5", "0.18", "N", "4"]


def cells_of(name: str) -> st.SearchStrategy[str]:
    declared = next((field for field in FIELDS if field.name == name), None)
    if declared is None:
        return st.sampled_from(OWN_CELLS)
    good = st.just(GOOD[FULL_HEADER.index(name)])
    odd = ODD_CHOICES if isinstance(declared, ChoiceField) else ODD_NUMBERS
    shaped = st.from_regex(r"-?[0-9]{1,6}([., '][0-9]{1,4}){0,2}", fullmatch=True)
    return st.one_of(good, good, good, good, st.sampled_from(odd), shaped, st.text(max_size=6))


ROWS = st.lists(st.tuples(*map(cells_of, FULL_HEADER)).map(list), min_size=1, max_size=8)


def written(rows: Sequence[Sequence[str]], delimiter: str, end: str, header: Sequence[str]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter, lineterminator=end).writerows([header, *rows])
    return file.getvalue().replace("\0", "")


def checked_of(content: bytes, recompute: bool = False, characters: int = 50) -> tuple[list[Checked], bytes]:
    """The blocks of a file as the engine checks them, and the file of results."""
    source = open_source(io.BytesIO(content))
    blocks = [check(block, SCORECARD.columns, recompute) for block in source.blocks(characters)]
    parts = [results(checked, approve(SCORECARD, checked.raw)) for checked in blocks]
    return blocks, results_header(source.shape) + b"".join(parts)


def agree(content: bytes, recompute: bool = False, characters: int = 50) -> None:
    expected = expected_of(content, SCORECARD, recompute)
    blocks, text = checked_of(content, recompute, characters)
    lines = [line for checked in blocks for line in checked.good_lines]
    assert lines == list(expected.applicants)
    for checked in blocks:
        applicants = [expected.applicants[line] for line in checked.good_lines]
        assert checked.raw.tobytes() == SCORECARD.columns.to_raw(applicants).tobytes()
    assert [line for checked in blocks for line in checked.skipped] == expected.skipped
    assert text.decode() == expected.results


@given(
    rows=ROWS,
    delimiter=st.sampled_from([",", ";", "\t"]),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    recompute=st.booleans(),
    characters=st.sampled_from([1, 60, 150, 1_000_000]),
)
@settings(max_examples=150, deadline=None)
def test_odd_cells(rows: list[list[str]], delimiter: str, end: str, recompute: bool, characters: int) -> None:
    agree(written(rows, delimiter, end, FULL_HEADER).encode("utf-8", "replace"), recompute, characters)


PIECES = [
    '"',
    '""',
    ",",
    ",,",
    "\n",
    "\r\n",
    "\r",
    "a",
    ",".join(GOOD),
    ",".join(GOOD) + "\n",
    '"a",' + ",".join(GOOD[1:]) + "\n",
]


@given(
    text=st.lists(st.sampled_from(PIECES), max_size=25).map("".join),
    characters=st.sampled_from([1, 60, 1_000]),
)
@settings(max_examples=150, deadline=None)
def test_stray_quotes_and_ragged_rows_in_any_block(text: str, characters: int) -> None:
    agree((",".join(FULL_HEADER) + "\n" + text).encode(), characters=characters)


@pytest.mark.parametrize("name", FIELD_NAMES)
def test_each_odd_cell_in_each_field(name: str) -> None:
    rows = []
    for cell in (*ODD_NUMBERS, *ODD_CHOICES):
        row = list(GOOD)
        row[FULL_HEADER.index(name)] = cell
        rows.append(row)
    for recompute in (False, True):
        agree(written(rows, ",", "\r\n", FULL_HEADER).encode(), recompute)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("start", ["", "sep=,\n", "\n,,,\n"])
def test_encodings_and_first_lines(encoding: str, start: str) -> None:
    rows = [[cell, *GOOD[1:]] for cell in OWN_CELLS]
    header = [name.upper() for name in FULL_HEADER]
    agree((start + written([*rows, [""] * 12, GOOD], ",", "\n", header)).encode(encoding))


@pytest.mark.parametrize("slug", SLUGS)
def test_a_file_of_many_blocks_equals_rows_scored_alone(slug: str) -> None:
    model = load(SOLD, current(SOLD, slug))
    content = written(some_rows(300), ";", "\n", HEADER).encode()
    expected = expected_of(content, model)
    source = open_source(io.BytesIO(content))
    found = []
    for block in source.blocks(2_000):
        checked = check(block, model.columns)
        applicants = [expected.applicants[line] for line in checked.good_lines]
        alone = np.concatenate([model.approval([applicant]) for applicant in applicants])
        assert approve(model, checked.raw).tobytes() == alone.tobytes()
        found.append(results(checked, approve(model, checked.raw)))
    assert (results_header(source.shape) + b"".join(found)).decode() == expected.results
    assert len(found) > 5


def test_a_model_with_other_columns_takes_what_it_was_trained_on() -> None:
    """Fields in another order, choices in another order and fewer, and a number that must be known."""
    stored = SCORECARD.columns.to_dict()
    for field in stored["fields"]:
        if field["name"] == "loan_intent":
            field["choices"] = [choice for choice in reversed(field["choices"]) if choice != "VENTURE"]
        if field["name"] == "loan_int_rate":
            field["nullable"] = False
    columns = Columns.from_dict({"fields": stored["fields"][::-1]})
    rows = [list(GOOD) for _ in range(5)]
    intent, rate, share = map(FULL_HEADER.index, ("loan_intent", "loan_int_rate", SHARE_FIELD))
    rows[1][intent], rows[2][rate], rows[3][intent] = "VENTURE", "", "PERSONAL"
    rows[4][intent], rows[4][share] = "VENTURE", "0.5"
    (block,) = open_source(io.BytesIO(written(rows, ",", "\n", FULL_HEADER).encode())).blocks()
    checked = check(block, columns, recompute=True)
    named = [(found.line, found.field, found.code) for found in checked.problems]
    code = "not_supported_by_model"
    assert named == [(3, "loan_intent", code), (4, "loan_int_rate", code), (6, "loan_intent", code)]
    applicants = [parse_cells(dict(zip(FIELD_NAMES, rows[index][1:], strict=True))) for index in (0, 3)]
    assert checked.raw.tobytes() == columns.to_raw(applicants).tobytes()
    assert (checked.good_lines, checked.warnings) == ([2, 5], [])


def test_many_rows_are_scored_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predict, "BLOCK_ROWS", 7)
    raw = SCORECARD.columns.to_raw(made_up_applicants(50))
    assert approve(SCORECARD, raw).tobytes() == SCORECARD.approval_of_raw(raw).tobytes()


def test_blocks_may_be_checked_in_any_thread() -> None:
    content = written(some_rows(2_000), ",", "\n", HEADER).encode()
    blocks = list(open_source(io.BytesIO(content)).blocks(3_000))
    alone = [check(block, SCORECARD.columns).raw.tobytes() for block in blocks]
    with ThreadPoolExecutor(8) as threads:
        found = threads.map(lambda block: check(block, SCORECARD.columns).raw.tobytes(), blocks * 3)
    assert list(found) == alone * 3


def test_what_is_remembered_of_a_field_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cell_values, "MAX_REMEMBERED", 3)
    incomes = [[*GOOD[:2], f"{income} ", *GOOD[3:9], "", *GOOD[10:]] for income in range(40_000, 40_050)]
    agree(written(incomes, ",", "\n", FULL_HEADER).encode())
    assert len(cell_values.REMEMBERED["person_income"]) <= 3


def test_a_share_that_contradicts_is_recomputed_when_asked() -> None:
    row = list(GOOD)
    row[FULL_HEADER.index(SHARE_FIELD)] = "0.5"
    content = written([row, GOOD], ",", "\n", FULL_HEADER).encode()
    ((refused,), _), ((scored,), text) = (
        checked_of(content, characters=1_000),
        checked_of(content, True, 1_000),
    )
    assert ([found.code for found in refused.problems], refused.bad, scored.bad) == (["contradiction"], 1, 0)
    assert scored.raw[0].tobytes() == scored.raw[1].tobytes()
    assert row_text(scored.warnings) in text.decode().splitlines()[1]
