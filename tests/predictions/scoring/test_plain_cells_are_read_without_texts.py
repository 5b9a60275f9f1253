"""What is read from the bytes of whole columns is what the same cells give one by one."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from predictions.scoring.cell_values import CLEAR
from predictions.scoring.cells import probability_cells, probability_texts, quoted_as_text, quoted_rows
from predictions.scoring.grids import Grid

CELLS = st.lists(st.text("0123456789.:/ -é", max_size=10), min_size=1, max_size=50)
PLAIN = [*map(str, range(0, 1_200_000, 997)), *(f"{cents / 100:.2f}" for cents in range(0, 10_000, 7)), "0.5"]


@given(cells=CELLS)
@example(cells=PLAIN)
@example(
    cells=["0", "00", "0.0", "01", "99999999", "123456789", "1.2.3", "1..2", ".5", "5.", "1.234", "", ":1"]
)
@settings(max_examples=300, deadline=None)
def test_numbers(cells: list[str]) -> None:
    grid = Grid.of("".join(f"a,{cell}\n" for cell in cells).encode(), ",", 2)
    assert grid
    expected = [float(cell) if CLEAR.fullmatch(cell) and len(cell) <= 8 else float("nan") for cell in cells]
    assert np.array_equal(grid.numbers(1), expected, equal_nan=True)
    assert grid.cells(1, np.arange(len(cells))) == cells
    assert grid.columns() == [["a"] * len(cells), cells]


@given(
    cells=st.lists(st.sampled_from(["", "A", "AB", "ABCDEFGH", "ABCDEFGHI", "ABCDEFGHIJKLMNOPQ", "é" * 20]))
)
def test_choices(cells: list[str]) -> None:
    choices = ("AB", "ABCDEFGH", "ABCDEFGHI", "ABCDEFGHIJKLMNOPQ")
    grid = Grid.of("".join(f"{cell};x\n" for cell in cells).encode(), ";", 2)
    assert grid
    places = [choices.index(cell) if cell in choices else -1 for cell in cells]
    assert grid.places_of(0, choices).tolist() == places


@pytest.mark.parametrize("lines", ["a,b\nc\n", "a\nb,c\n", "a,b,c\nd\n", "a,b\n\n", "a,b,c,d\n"])
def test_ragged_rows_are_no_grid(lines: str) -> None:
    assert Grid.of(lines.encode(), ",", 2) is None


@given(shares=st.lists(st.floats(0, 1) | st.integers(0, 10**7).map(lambda part: part / 10**7), max_size=200))
@settings(max_examples=200, deadline=None)
def test_probabilities(shares: list[float]) -> None:
    expected = [";{};{};".format(*probability_texts(share)) for share in shares]
    assert probability_cells(np.array(shares), ";") == expected


@given(
    rows=st.lists(st.lists(st.text("=+-@\t a1;é\u00a0＝", max_size=4), min_size=2, max_size=3), max_size=6),
    delimiter=st.sampled_from([",", ";", "\t"]),
)
@settings(max_examples=300, deadline=None)
def test_cells_that_a_spreadsheet_would_run(rows: list[list[str]], delimiter: str) -> None:
    texts = [delimiter.join(cell.replace(delimiter, "") for cell in row) for row in rows]
    expected = [delimiter.join(map(quoted_as_text, text.split(delimiter))) for text in texts]
    assert quoted_rows(texts, delimiter) == expected
