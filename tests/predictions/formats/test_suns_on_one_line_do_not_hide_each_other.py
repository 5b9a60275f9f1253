import re
from itertools import pairwise, product

import pytest
from django.template.loader import render_to_string
from hypothesis import given
from hypothesis import strategies as st

from predictions.formats.charts.suns import STEP, together

PROBABILITIES = st.lists(st.floats(0, 1), min_size=1, max_size=4)


@given(PROBABILITIES)
def test_none_hides_another(probabilities: list[float]) -> None:
    drawn = together([(f"Model {number}", one) for number, one in enumerate(probabilities)], 0.8)
    for first, second in pairwise(drawn.suns):
        assert second.probability - first.probability >= 0.03 or first.y - second.y == STEP
    assert {sun.name for sun in drawn.suns} == {f"Model {number}" for number in range(len(probabilities))}


@given(PROBABILITIES)
def test_each_has_its_name_on_a_line_of_its_own(probabilities: list[float]) -> None:
    drawn = together([("Model", one) for one in probabilities], None)
    heights = sorted(sun.label_y for sun in drawn.suns)
    assert all(lower - higher >= 20 for higher, lower in pairwise(heights))
    assert drawn.line_y < heights[0]
    assert heights[-1] <= drawn.height


@given(PROBABILITIES)
def test_no_line_to_a_name_crosses_one_that_runs_the_same_way(probabilities: list[float]) -> None:
    suns = together([("Model", one) for one in probabilities], None).suns
    for higher, lower in product(suns, suns):
        if higher.label_y < lower.label_y and higher.anchor == lower.anchor == "start":
            assert lower.probability <= higher.probability
        if higher.label_y < lower.label_y and higher.anchor == lower.anchor == "end":
            assert lower.probability >= higher.probability


@pytest.mark.parametrize(
    ("probability", "low", "high"), [(0.003, True, False), (0.5, False, False), (0.97, False, True)]
)
def test_an_end_is_not_named_under_a_sun(probability: float, low: bool, high: bool) -> None:
    drawn = together([("Model", probability)], None)
    assert (drawn.covers_low, drawn.covers_high) == (low, high)
    page = render_to_string("predictions/comparisons/_together.html", {"drawn": drawn})
    heights = [int(found) for found in re.findall(r'<text [^>]*y="(\d+)"[^>]*>(?:0|100)<', page)]
    assert [height < drawn.line_y for height in heights] == [low, high], "above it if covered"


def test_the_lowest_sun_is_on_the_line() -> None:
    drawn = together([("a", 0.5), ("b", 0.5), ("c", 0.5)], 0.5)
    assert [drawn.line_y - sun.y for sun in drawn.suns] == [0, STEP, 2 * STEP]
    assert together([], None).suns == []
