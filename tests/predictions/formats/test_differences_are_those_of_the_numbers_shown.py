import pytest

from predictions.formats.numbers import distance, percent, points, shown_changes, shown_difference


@pytest.mark.parametrize(
    ("before", "after"), [(0.4004, 0.5956), (0.1236, 0.1235), (0.0002, 0.25), (0.5, 0.99999), (0.3, 0.3)]
)
def test_the_distance_is_what_a_reader_works_out(before: float, after: float) -> None:
    """From the two percentages on the page, whose ends are written as <0.1% and >99.9%."""
    low, high = (float(percent(value).strip("<>%")) for value in (before, after))
    assert distance(shown_difference(before, after)) == f"{abs(high - low):.1f} points"


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        (0.777, 0.9306, {"a": 0.05134, "b": 0.05133, "c": 0.05093}),
        (0.7771, 0.4, {"a": -0.30004, "b": -0.10004, "c": 0.02298}),
        (0.5, 0.5, {"a": 0.00049, "b": -0.00049}),
        (0.9, 0.99999, {"a": 0.09999}),
        (0.0001, 0.00005, {"a": -0.00005}),
    ],
)
def test_changes_add_up_as_they_are_shown(before: float, after: float, changes: dict[str, float]) -> None:
    shown = shown_changes(before, after, changes)
    total = sum(float(points(change).replace("\u2212", "-")) for change in shown.values())
    assert total == pytest.approx(shown_difference(before, after) * 100, abs=1e-9)
    assert all(abs(shown[key] - change) < 0.0015 for key, change in changes.items())


def test_what_changes_nothing_is_left_out() -> None:
    assert set(shown_changes(0.5, 0.6, {"a": 0.1, "age": 4.8e-18, "c": 0.0})) == {"a"}
