"""Reads numbers as people type them. Plain Python, for forms, files and scoring.

Outside the apps because billing and scoring both use it, and neither may import the other.
"""

import re
from collections.abc import Sequence
from decimal import Decimal
from enum import Enum

MAX_LENGTH = 40

# Spaces that banks and spreadsheets put between groups: no-break, thin, figure and the like.
_WIDTHS = "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
# What may surround a value.
SPACES = " \t\r\n" + _WIDTHS
_SAME = str.maketrans(_WIDTHS + "\u2019\u2212", " " * len(_WIDTHS) + "'-")
# [0-9], because \d also matches the digits of other scripts.
_PLAIN = re.compile(r"-?(0|[1-9][0-9]*)([.,][0-9]+)?")
_GROUPED = re.compile(r"-?[1-9][0-9]{0,2}([ ',.])[0-9]{3}(\1[0-9]{3})*((?!\1)[.,][0-9]+)?")
# Clear in every language and of every kind.
_SIMPLE = re.compile(r"-?(0|[1-9][0-9]*)([.,][0-9]{1,2})?")
# Thousands in some countries, three decimals in others.
_UNCLEAR = re.compile(r"-?[1-9][0-9]{0,2}([.,])[0-9]{3}")
_SYMBOLS = {"USD": ("$",), "EUR": ("€",), "RUB": ("₽", "руб.", "руб")}


class Kind(Enum):
    """What a number is, which defines what 1.500 and 1,500 mean in it."""

    WHOLE = "whole"
    # Small numbers such as rates and percentages: they have decimals and no thousands.
    DECIMAL = "decimal"
    # Money: decimals and thousands.
    AMOUNT = "amount"


class AmbiguousNumber(ValueError):
    """The text can be meant as two numbers, such as 1.500 and 1.000,000."""


class GroupedDecimals(AmbiguousNumber):
    """Grouped thousands are followed by three decimals or more, such as 1 000,555."""


def money_units(currency: str) -> tuple[str, ...]:
    """Return what people write before or after an amount of `currency`: its code and its symbols."""
    return (currency, *_SYMBOLS.get(currency, ()))


def read_number(
    text: str, kind: Kind, decimal: str | None = None, units: Sequence[str] = ()
) -> Decimal | None:
    """Return the number, never a negative zero; None if the text is not a number.

    `decimal` is the decimal separator of the writer's language, None if the language is unknown. One of
    `units` may stand before or after the number. Raises `AmbiguousNumber`.
    """
    # Most numbers of a file need nothing else.
    if len(text) <= MAX_LENGTH and _SIMPLE.fullmatch(text):
        return _value(text)
    compact = text.strip(SPACES).translate(_SAME)
    # Longer numbers are far outside every bound.
    if len(compact) > MAX_LENGTH:
        return None
    compact = _without_unit(compact, units)
    if unclear := _UNCLEAR.fullmatch(compact):
        return _value(compact.replace(unclear[1], "" if _groups(unclear[1], kind, decimal) else "."))
    if plain := _PLAIN.fullmatch(compact):
        if kind is Kind.WHOLE:
            _check_decimals(plain[2])
        return _value(compact)
    if grouped := _GROUPED.fullmatch(compact):
        if kind is not Kind.DECIMAL:
            _check_decimals(grouped[3])
        return _value(compact.replace(grouped[1], ""))
    return None


def _check_decimals(decimals: str | None) -> None:
    """Raise `GroupedDecimals` if `decimals`, with their separator, look like thousands: 1.000,000."""
    if decimals and len(decimals) > 3:
        raise GroupedDecimals(decimals)


def _without_unit(text: str, units: Sequence[str]) -> str:
    for unit in filter(None, units):
        size = len(unit)
        if text[:size].casefold() == unit.casefold():
            return text[size:].lstrip(" ")
        if text[-size:].casefold() == unit.casefold():
            return text[:-size].rstrip(" ")
    return text


def _groups(separator: str, kind: Kind, decimal: str | None) -> bool:
    """Whether `separator` before three digits groups thousands; if not, it is the decimal separator.

    Raises `AmbiguousNumber`.
    """
    if kind is Kind.DECIMAL:
        return False
    if separator == "," and (decimal == "." or (decimal is None and kind is Kind.WHOLE)):
        return True
    raise AmbiguousNumber(separator)


def _value(text: str) -> Decimal:
    number = Decimal(text.replace(",", "."))
    return number if number else number.copy_abs()
