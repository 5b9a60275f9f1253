import pytest

from predictions.formats.numbers import distance, percent, shown_difference


@pytest.mark.parametrize(
    ("before", "after"), [(0.4004, 0.5956), (0.1236, 0.1235), (0.0002, 0.25), (0.5, 0.99999), (0.3, 0.3)]
)
def test_the_distance_is_what_a_reader_works_out(before: float, after: float) -> None:
    """From the two percentages on the page, whose ends are written as <0.1% and >99.9%."""
    low, high = (float(percent(value).strip("<>%")) for value in (before, after))
    assert distance(shown_difference(before, after)) == f"{abs(high - low):.1f} points"
