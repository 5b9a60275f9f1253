"""Reads numbers as people type them. Plain Python, for forms, files and scoring.

Outside the apps because billing and scoring both use it, and neither may import the other.
"""

import re
from enum import Enum

MAX_LENGTH = 40

_BLANKS = re.compile(r"[\s\u00a0\u202f']")
_COMMA_GROUPS = re.compile(r"[+-]?\d{1,3}(,\d{3})+")
_DOT_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(\.\d{3})+")
_ANY_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+")
_DECIMAL = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)([eE][+-]?\d{1,4})?")


class Kind(Enum):
    """What separators mean in a number."""

    # No decimals: commas group thousands, dots in groups of three are ambiguous.
    WHOLE = "whole"
    # Small numbers such as rates and percentages: one separator, the decimal one.
    DECIMAL = "decimal"
    # Both: the last of two different separators is the decimal one; one in groups of three is ambiguous.
    AMOUNT = "amount"


class AmbiguousNumber(ValueError):
    """The text is one number in some countries and another in others, such as 1.500."""


def read_number(text: str, kind: Kind) -> str | None:
    """Return the number with a decimal point, for `int`, `float` or `Decimal`; None if it is not a number.

    Ignores spaces and apostrophes. Raises `AmbiguousNumber`.
    """
    compact = _BLANKS.sub("", text)
    # Longer digit strings are far outside every bound, and int() refuses them from 4,300 digits on.
    if not compact or len(compact) > MAX_LENGTH:
        return None
    if kind is Kind.WHOLE:
        if _COMMA_GROUPS.fullmatch(compact):
            return compact.replace(",", "")
        if _DOT_GROUPS.fullmatch(compact):
            raise AmbiguousNumber(text)
    elif kind is Kind.AMOUNT:
        if _ANY_GROUPS.fullmatch(compact):
            raise AmbiguousNumber(text)
        thousands = "," if compact.rfind(".") > compact.rfind(",") else "."
        compact = compact.replace(thousands, "")
    if not _DECIMAL.fullmatch(compact):
        return None
    return compact.replace(",", ".")
