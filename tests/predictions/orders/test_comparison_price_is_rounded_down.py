import pytest
from pytest_django import Settings

from accounts.models import User
from billing.services import wallet_of
from predictions.models import ScoringModel
from predictions.orders.comparisons import order_comparison, quote
from predictions.scoring.schema import Applicant
from tests.support.people import give_money


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


@pytest.mark.parametrize(("percent", "discounted"), [(20, [1, 7_96, 26_64]), (33, [1, 6_67, 22_31])])
def test_what_is_charged_is_what_was_quoted(
    alice: User, applicant: Applicant, catalog: None, settings: Settings, percent: int, discounted: list[int]
) -> None:
    """Each part is rounded for itself, so that each is refunded exactly and the parts add up.

    20 % off the sum of these prices would be 34.62, and the parts make 34.61.
    """
    settings.COMPARISON_DISCOUNT_PERCENT = percent
    for model, price in zip(ScoringModel.objects.order_by("position"), (1, 9_96, 33_31), strict=True):
        ScoringModel.objects.filter(pk=model.pk).update(price=price)
    quoted = quote()
    assert ([part.price for part in quoted.parts], quoted.price) == (discounted, sum(discounted))
    give_money(alice, quoted.price)
    comparison = order_comparison(
        user=alice, applicant=applicant, request_key="key", agreed_price=quoted.price
    )
    parts = comparison.predictions.order_by("model__position").values_list("price", "charge__amount")
    assert list(parts) == [(price, -price) for price in discounted]
    assert wallet_of(alice).balance == 0
