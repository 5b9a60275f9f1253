"""Reads numbers as people type them. Plain Python: forms, files and scoring all use this.

Lies outside the apps because billing and scoring, which know nothing of each other, both need it.
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
    """What the reader may assume about separators."""

    # No decimals: commas group thousands, dots in groups of three are ambiguous.
    WHOLE = "whole"
    # Small numbers such as rates and percentages: one separator, and it is the decimal one.
    DECIMAL = "decimal"
    # Both: the last of two different separators is the decimal one; one in groups of three is ambiguous.
    AMOUNT = "amount"


class AmbiguousNumber(ValueError):
    """One number in one country, another in another."""


def read_number(text: str, kind: Kind) -> str | None:
    """The number as a plain text with a decimal point, for `int`, `float` or `Decimal`; None if it is none.

    Blanks and apostrophes between digits are ignored. Raises `AmbiguousNumber`.
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
