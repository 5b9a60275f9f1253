import pytest
from pytest_django import Settings

from predictions.models import ScoringModel
from predictions.orders.comparisons import quote


@pytest.mark.parametrize(
    ("price", "percent", "discounted"),
    [(1, 20, 1), (2, 20, 1), (999, 20, 799), (1000, 20, 800), (999, 0, 999), (999, 100, 1)],
)
def test_in_the_customers_favor_but_never_to_nothing(
    catalog: None, settings: Settings, price: int, percent: int, discounted: int
) -> None:
    """Minor units of each model; a prediction that costs nothing cannot be sold."""
    settings.COMPARISON_DISCOUNT_PERCENT = percent
    ScoringModel.objects.update(price=price)
    assert {part.price for part in quote().parts} == {discounted}
    assert quote().full_price == 3 * price
