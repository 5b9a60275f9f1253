"""Money is an integer of minor units (cents) inside and a text with two decimals at the edges."""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

MINOR_UNITS = 100


def to_text(minor: int) -> str:
    """``-1050`` -> ``"-10.50"``"""
    return f"{to_decimal(minor):.2f}"


def to_decimal(minor: int) -> Decimal:
    return Decimal(minor) / MINOR_UNITS


def to_minor(amount: Decimal) -> int:
    """Raises `ValidationError` for more than two decimals, zeros among them."""
    exponent = amount.as_tuple().exponent
    # Looked at and not worked out: arithmetic would round what has very many digits.
    if not isinstance(exponent, int) or exponent < -2:
        raise ValidationError(_("At most two decimals."), code="max_decimal_places")
    return int(amount * MINOR_UNITS)


def top_up_amount(amount: Decimal) -> int:
    """The minor units of a top-up. Raises `ValidationError` when it is not one that we take."""
    if not amount.is_finite():
        raise ValidationError(_("Enter a number."), code="invalid")
    limit = to_decimal(settings.TOP_UP_LIMIT)
    # Before any arithmetic: a huge exponent would make a huge integer.
    if amount <= 0 or amount.adjusted() < -2:
        raise ValidationError(_("Enter an amount from 0.01."), code="min_value")
    if amount > limit:
        shown = number_format(limit, decimal_pos=2, force_grouping=True)
        raise ValidationError(
            _("Enter an amount up to %(limit)s."), code="max_value", params={"limit": shown}
        )
    return to_minor(amount)
