"""Parts of a block are read as the block is, row by row, whatever stands in their cells."""

import io

import openpyxl
import pytest

from predictions.scoring.blocks import Block
from predictions.scoring.checks import check
from predictions.scoring.cutting import cut
from predictions.scoring.models.protocol import LIVE
from predictions.scoring.sources import open_source
from tests.support.scored_files import HEADER, some_rows

GOOD = [",".join(row) for row in some_rows(4)]
BAD = GOOD[0][:-1] + "x"
LINES = [
    *GOOD,
    "short",
    GOOD[0] + ",one more",
    "",
    "," * (len(HEADER) - 1),
    GOOD[1].replace("loan 1", '"two\nlines"'),
    GOOD[1].replace("loan 1", '"quoted, with ""quotes"""'),
    GOOD[2].replace("loan 2", '"never closed'),
    BAD,
    GOOD[3],
    GOOD[3].replace("loan 3", '"never closed at the end'),
]


def text_block(end: str, *, closed: bool) -> Block:
    body = (end.join([",".join(HEADER), *LINES]) + (end if closed else "")).encode()
    (block,) = open_source(io.BytesIO(body)).blocks()
    return block


def sheet_block() -> Block:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEADER)
    rows = some_rows(6)
    rows[1][0] = "two\nlines"
    rows[2].append("one more")
    rows[3] = [""] * len(HEADER)
    rows[4][0] = 'a "quoted" name'
    for row in rows:
        sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    file.seek(0)
    (block,) = open_source(file).blocks()
    return block


@pytest.mark.parametrize("size", [1, 2, 3, 5, 100])
@pytest.mark.parametrize(
    "block",
    [
        *(text_block(end, closed=closed) for end in ("\n", "\r\n", "\r") for closed in (True, False)),
        sheet_block(),
    ],
)
def test_every_row_is_what_it_was(block: Block, size: int) -> None:
    whole = check(block, LIVE)
    parts = [(where, check(part, LIVE)) for where, part in cut(block, whole.rows, size)]
    assert [number for _where, part in parts for number in part.rows.numbers] == list(whole.rows.numbers)
    assert [problem for _where, part in parts for problem in part.problems] == whole.problems
    assert sum(whole.good.tolist()) >= 4
    for where, part in parts:
        assert part.good.tolist() == whole.good[where].tolist()
        assert part.kept.tolist() == whole.kept[where].tolist()
        assert [part.cells(row) for row in range(len(part.good))] == [
            whole.cells(row) for row in range(len(whole.good))[where]
        ]
