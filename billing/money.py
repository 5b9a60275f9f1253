"""Money: integers of minor units (cents) in code, decimal strings in the API, localized text on pages."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.formats import get_format, number_format
from django.utils.translation import gettext_lazy as _

MINOR_UNITS = 100
# In minor units.
MIN_TOP_UP = 1
MAX_TOP_UP = 100_000_00
MIN_DAILY_LIMIT = 1
MAX_DAILY_LIMIT = 10_000_000_00
# Shows how amounts are written: with a group of thousands and decimals.
EXAMPLE = 1_234_50
TOO_MANY_DECIMALS = _("Use up to two decimal places.")


def to_text(minor: int) -> str:
    """``-1050`` -> ``"-10.50"``"""
    return f"{to_decimal(minor):.2f}"


def to_decimal(minor: int) -> Decimal:
    return Decimal(minor) / MINOR_UNITS


def to_minor(amount: Decimal) -> int:
    """Return minor units. Raises `ValidationError` for more than two decimals, even if they are zero."""
    exponent = amount.as_tuple().exponent
    # By the exponent, because arithmetic would round numbers with many digits.
    if not isinstance(exponent, int) or exponent < -2:
        raise ValidationError(TOO_MANY_DECIMALS, code="max_decimal_places")
    return int(amount * MINOR_UNITS)


def top_up_amount(amount: Decimal) -> int:
    """Return a top-up in minor units. Raises `ValidationError` if the amount is not allowed."""
    return _bounded(amount, MIN_TOP_UP, MAX_TOP_UP)


def top_up_for(balance: int, price: int | None) -> int:
    """Return the smallest top-up after which `balance` covers `price`; 0 if none is needed or allowed."""
    missing = (price or 0) - balance
    return max(missing, MIN_TOP_UP) if 0 < missing <= MAX_TOP_UP else 0


def daily_limit_amount(amount: Decimal) -> int:
    """Return the daily limit of a key in minor units. Raises `ValidationError` if it is not allowed."""
    return _bounded(amount, MIN_DAILY_LIMIT, MAX_DAILY_LIMIT)


def _bounded(amount: Decimal, minimum: int, maximum: int) -> int:
    """Return minor units, within bounds that are minor units. Raises `ValidationError`."""
    if not amount.is_finite():
        raise ValidationError(_("Enter a number."), code="invalid")
    low, high = to_decimal(minimum), to_decimal(maximum)
    # Before any arithmetic: a huge exponent would make a huge integer.
    if amount <= 0 or amount.adjusted() < low.adjusted():
        params = {"limit": format_amount(minimum)}
        raise ValidationError(_("Enter an amount from %(limit)s."), code="min_value", params=params)
    if amount > high:
        params = {"limit": format_amount(maximum)}
        raise ValidationError(_("Enter an amount up to %(limit)s."), code="max_value", params=params)
    return to_minor(amount)


def decimal_separator() -> str:
    """Return the decimal separator of the reader's language."""
    return str(get_format("DECIMAL_SEPARATOR"))


def format_money(minor: int) -> str:
    """``-105000`` -> ``−1,050.00 USD`` or ``−1 050,00 USD``, with non-breaking spaces."""
    return f"{_grouped(minor, 2)}\u00a0{settings.CURRENCY}"


def format_amount(minor: int) -> str:
    """Like `format_money`, without the currency."""
    return _grouped(minor, 2)


def format_signed_money(minor: int) -> str:
    """Like `format_money`, with a plus sign before positive amounts."""
    return f"+{format_money(minor)}" if minor > 0 else format_money(minor)


def format_axis_level(minor: int) -> str:
    """``500000`` -> ``5,000``, for a chart's axis: without currency, and without decimals if zero."""
    return _grouped(minor, 2 if minor % MINOR_UNITS else 0)


def _grouped(minor: int, decimals: int) -> str:
    text = number_format(to_decimal(minor), decimal_pos=decimals, force_grouping=True)
    return text.replace("-", "\u2212")
