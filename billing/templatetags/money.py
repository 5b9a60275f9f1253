"""Money in the reader's format."""

from django import template
from django.conf import settings
from django.utils.formats import number_format

from billing.money import MINOR_UNITS, to_decimal, to_text

register = template.Library()


@register.filter
def money(minor: int) -> str:
    """``-105000`` -> ``-1,050.00 USD`` or ``-1 050,00 USD`` with spaces that do not break."""
    text = number_format(to_decimal(minor), decimal_pos=2, use_l10n=True, force_grouping=True)
    return f"{text}\u00a0{settings.CURRENCY}".replace("-", "\u2212").replace(" ", "\u00a0")


@register.filter
def amount_text(minor: int) -> str:
    """``1600`` -> ``16.00``, as an input takes it."""
    return to_text(minor)


@register.filter
def signed_money(minor: int) -> str:
    """As `money`, with a plus before what comes in."""
    return f"+{money(minor)}" if minor > 0 else money(minor)


@register.filter
def level(minor: int) -> str:
    """``500000`` -> ``5,000``: beside an axis, with no currency and no decimals that are zero."""
    decimals = 2 if minor % MINOR_UNITS else 0
    text = number_format(to_decimal(minor), decimal_pos=decimals, use_l10n=True, force_grouping=True)
    return text.replace("-", "\u2212").replace(" ", "\u00a0")


@register.filter
def buys(minor: int, price: int) -> int:
    """How many things of this price the amount pays for."""
    return minor // price
