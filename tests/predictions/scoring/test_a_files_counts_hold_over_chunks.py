"""A long file is scored in chunks; its counts are those of the whole file."""

from pathlib import Path

import pytest

from predictions.scoring.__main__ import main
from predictions.scoring.files import CHUNK_ROWS, Outcome, score_file
from predictions.scoring.tables import MAX_NAMED
from tests.support.artifacts import SOLD
from tests.support.scored_files import HEADER, some_rows, written

SLUG = "logistic-regression"
GOOD = some_rows(1)[0]
BAD = [*GOOD[:-1], "Z"]
EMPTY = [""] * len(HEADER)


def counted(folder: Path, rows: list[list[str]]) -> tuple[Outcome, list[int]]:
    """The outcome, and the numbers of rows that were done when progress was told."""
    done: list[int] = []
    source = written(folder / "in.csv", rows)
    outcome = score_file(SOLD, SLUG, source, folder / "out.csv", done.append)
    return outcome, done


def test_errors_and_empty_rows_count_on_both_sides_of_every_border(tmp_path: Path) -> None:
    first = [BAD, *[GOOD] * (CHUNK_ROWS - 2), BAD, EMPTY]
    second = [EMPTY, BAD, EMPTY, *[GOOD] * (CHUNK_ROWS - 2), BAD]
    third = [BAD, EMPTY]
    outcome, done = counted(tmp_path, first + second + third)
    lines = (CHUNK_ROWS + 2, CHUNK_ROWS + 3, CHUNK_ROWS + 5, 2 * CHUNK_ROWS + 6)
    assert outcome == Outcome(scored=2 * CHUNK_ROWS - 4, refused=5, skipped=4, skipped_lines=lines)
    assert done == [CHUNK_ROWS, 2 * CHUNK_ROWS, 2 * CHUNK_ROWS + 1]


@pytest.mark.parametrize(
    ("more", "scored", "done"),
    [
        (-1, CHUNK_ROWS - 1, [CHUNK_ROWS - 1]),
        (0, CHUNK_ROWS, [CHUNK_ROWS]),
        (1, CHUNK_ROWS + 1, [CHUNK_ROWS, CHUNK_ROWS + 1]),
    ],
)
def test_the_last_chunk_may_be_full_or_hold_one_row(
    tmp_path: Path, more: int, scored: int, done: list[int]
) -> None:
    assert counted(tmp_path, [GOOD] * (CHUNK_ROWS + more)) == (Outcome(scored, refused=0), done)


@pytest.mark.parametrize(
    ("rows", "code", "told"),
    [
        ([GOOD] * (CHUNK_ROWS + 1), 0, f"{CHUNK_ROWS + 1} rows scored, 0 with an error\n"),
        (
            [BAD, *[GOOD] * CHUNK_ROWS, *[EMPTY] * MAX_NAMED, BAD],
            1,
            f"{CHUNK_ROWS} rows scored, 2 with an error, 10 without any value left out "
            "(lines 5003, 5004, 5005, 5006, 5007, 5008, 5009, 5010, 5011, 5012)\n",
        ),
        (
            [*[EMPTY] * (MAX_NAMED + 1), *[GOOD] * CHUNK_ROWS, BAD],
            1,
            f"{CHUNK_ROWS} rows scored, 1 with an error, 11 without any value left out "
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
