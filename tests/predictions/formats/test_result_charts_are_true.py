"""The positions of bars and lines, from their coordinates."""

from itertools import pairwise

import pytest

from predictions.formats.charts.result import line, waterfall


def test_each_step_begins_where_the_last_one_ended() -> None:
    chart = waterfall(0.8, {"a": -0.5, "b": 0.1, "c": -0.3})
    assert [step.key for step in chart.steps] == ["a", "c", "b"]
    assert chart.first == chart.steps[0].start
    assert chart.last == chart.steps[-1].end
    assert all(before.end == after.start for before, after in pairwise(chart.steps))
    # From 0.8 to 0.1 on a scale from 0.0 to 0.8.
    assert (chart.low, chart.high) == (0.0, 0.8)
    assert (chart.first, chart.last) == ("1000.0", "125.0")


def test_bars_lie_between_their_ends() -> None:
    for step in waterfall(0.5, {"a": 0.2, "b": -0.4, "c": 0.1}).steps:
        left, width = float(step.x), float(step.width)
        assert left == pytest.approx(min(float(step.start), float(step.end)), abs=0.2)
        assert width == pytest.approx(abs(float(step.end) - float(step.start)), abs=0.2)


def test_a_contribution_of_nothing_can_still_be_seen() -> None:
    (step,) = waterfall(0.5, {"a": 0.0}).steps
    assert float(step.width) > 0


def test_a_scale_never_leaves_the_possible() -> None:
    for base in (0.0, 0.02, 0.5, 0.98, 1.0):
        chart = waterfall(base, {"a": 0.0})
        assert 0 <= chart.low < chart.high <= 1
        assert chart.high - chart.low >= 0.299


def test_a_line_goes_from_edge_to_edge_and_marks_the_own_value() -> None:
    chart = line([(100, 1.0), (200, 0.5), (300, 0.0)], 200)
    assert chart.path == "M0.0 0.0L500.0 50.0L1000.0 100.0"
    assert chart.marker == ("500.0", "50.0")


def test_a_logarithmic_line_gives_each_tenfold_the_same_room() -> None:
    chart = line([(10, 1.0), (100, 1.0), (1000, 1.0)], None, logarithmic=True)
    assert chart.path == "M0.0 0.0L500.0 0.0L1000.0 0.0"
    assert chart.marker is None


def test_sums_on_the_way_may_leave_the_possible() -> None:
    chart = waterfall(0.1, {"a": -0.15, "b": 0.1})
    assert chart.low < -0.05
    assert all(0 <= float(step.end) <= 1000 for step in chart.steps)


def test_the_scale_names_no_impossible_probability() -> None:
    # From -0.1 to 0.2, and from 0.8 to 1.1.
    below, above = waterfall(0.1, {"a": -0.15, "b": 0.1}), waterfall(0.9, {"a": 0.15, "b": -0.1})
    assert [mark.x for mark in below.marks] == ["33.3", "100.0"]
    assert [mark.probability for mark in below.marks] == pytest.approx([0, 0.2])
    assert [mark.x for mark in above.marks] == ["0.0", "66.7"]
    assert [mark.probability for mark in above.marks] == pytest.approx([0.8, 1])
