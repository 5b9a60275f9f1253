"""What a file costs: its rows that can be scored, each at one price, with a discount for many.

Everything is whole minor units. The discount is taken from the price of one row, which is rounded down, and
the price of a file is that of a row times their number. So the price of any part of the rows, such as those
that are refunded, is exact.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from predictions.models import ScoringModel, VolumeDiscount


@dataclass(frozen=True)
class Quote:
    """Prices are minor units."""

    rows: int
    discount_percent: int
    unit_price: int

    @property
    def price(self) -> int:
        return self.rows * self.unit_price

    @property
    def columns(self) -> dict[str, int]:
        """What a batch stores of it."""
        prices = {"unit_price": self.unit_price, "price": self.price}
        return {"discount_percent": self.discount_percent, **prices}


@dataclass(frozen=True)
class Tier:
    """The price of a row in files with at least `rows_from` rows."""

    rows_from: int
    discount_percent: int
    unit_price: int


def quote(model: ScoringModel, rows: int, *, reasons: bool) -> Quote:
    """Return the price now of `rows` rows that can be scored."""
    percent = discount_for(rows, VolumeDiscount.objects.all())
    return Quote(rows, percent, unit_price(model, reasons, percent))


def tiers(model: ScoringModel, *, reasons: bool) -> list[Tier]:
    """Return the price list, from one row on."""
    steps = [(1, 0), *VolumeDiscount.objects.values_list("rows_from", "percent")]
    return [Tier(rows, percent, unit_price(model, reasons, percent)) for rows, percent in steps]


def discount_for(rows: int, discounts: Iterable[VolumeDiscount]) -> int:
    """Return the percentage of the highest threshold that `rows` reaches, whatever those below it have."""
    reached = [discount for discount in discounts if discount.rows_from <= rows]
    return max(reached, key=lambda discount: discount.rows_from).percent if reached else 0


def unit_price(model: ScoringModel, reasons: bool, percent: int) -> int:
    """Return the price of a row, rounded down to a minor unit; at least one."""
    full = model.price + (model.reasons_price if reasons else 0)
    return max(1, full * (100 - percent) // 100)
