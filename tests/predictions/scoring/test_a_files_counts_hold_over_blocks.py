"""A long file is scored in blocks; its counts and lines are those of the whole file."""

import io
from pathlib import Path

import pytest

from predictions.scoring.__main__ import main
from predictions.scoring.blocks import BLOCK_CHARACTERS
from predictions.scoring.files import MAX_NAMED, Outcome, score_file
from predictions.scoring.sources import open_source
from tests.support.artifacts import SOLD
from tests.support.scored_files import HEADER, some_rows, written

SLUG = "logistic-regression"
GOOD = some_rows(1)[0]
BAD = [*GOOD[:-1], "Z"]
EMPTY = [""] * len(HEADER)
# More than one block has.
MANY = BLOCK_CHARACTERS // len(",".join(GOOD)) + 1_000


def counted(folder: Path, rows: list[list[str]]) -> tuple[Outcome, list[int]]:
    """The outcome, and the numbers of rows that were done when progress was told."""
    done: list[int] = []
    source = written(folder / "in.csv", rows)
    outcome = score_file(SOLD, SLUG, source, folder / "out.csv", done.append)
    return outcome, done


def test_errors_and_empty_rows_count_in_every_block(tmp_path: Path) -> None:
    rows = [BAD, EMPTY, *[GOOD] * MANY, BAD, EMPTY, *[GOOD] * MANY, EMPTY, BAD]
    outcome, done = counted(tmp_path, rows)
    skipped = (3, MANY + 5, 2 * MANY + 6)
    assert outcome == Outcome(scored=2 * MANY, refused=3, skipped=3, skipped_lines=skipped)
    assert len(done) == 3
    assert done == sorted(done)
    assert done[-1] == 2 * MANY + 3


@pytest.mark.parametrize("size", [1, 2, 3, 61, 62, 63, 64, 65, 500])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", ["", "end"])
def test_blocks_of_any_size_are_the_file(size: int, end: str, last: str) -> None:
    rows = [*some_rows(20), ["two\nlines", *GOOD[1:]], ['"', *GOOD[1:]], GOOD]
    lines = [",".join(f'"{cell}"' if "\n" in cell else cell for cell in row) for row in rows]
    body = end.join(lines).replace("two\nlines", f"two{end}lines") + (end if last else "")
    source = open_source(io.BytesIO((",".join(HEADER) + end + body).encode()))
    blocks = list(source.blocks(size))
    assert b"".join(block.content for block in blocks).decode() == body
    before = 2
    for block in blocks:
        assert block.first == before
        before += block.content.decode().rstrip("\r\n").count(end) + 1
    assert len(blocks) > 2


@pytest.mark.parametrize(
    ("rows", "code", "told"),
    [
        ([GOOD] * (MANY + 1), 0, f"{MANY + 1} rows scored, 0 with an error\n"),
        (
            [BAD, *[GOOD] * 50, *[EMPTY] * MAX_NAMED, BAD],
            1,
            "50 rows scored, 2 with an error, 10 without any value left out "
            "(lines 53, 54, 55, 56, 57, 58, 59, 60, 61, 62)\n",
        ),
        (
            [*[EMPTY] * MAX_NAMED, *[GOOD] * MANY, EMPTY, BAD],
            1,
            f"{MANY} rows scored, 1 with an error, 11 without any value left out "
            "(lines 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, …)\n",
        ),
    ],
    ids=["all are scored", "as many left out as are named", "more left out than are named"],
)
def test_the_command_says_the_counts_of_the_whole_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rows: list[list[str]], code: int, told: str
) -> None:
    source = written(tmp_path / "in.csv", rows)
    assert main(["score", "--model", SLUG, str(source), str(tmp_path / "out.csv")]) == code
    assert capsys.readouterr().err == told
