"""Formats of the values in the tables of a model card."""

from collections.abc import Mapping
from typing import TypeVar

from django.utils.translation import gettext

from predictions.formats.applicants import in_words
from predictions.formats.numbers import number, percent_points, plain_percent, score, short_percent
from predictions.scoring.schema import FIELD_NAMES, FIELDS_BY_NAME, SHARE_FIELD, ChoiceField

T = TypeVar("T")

DASH = "—"


def share_or_dash(value: float | None) -> str:
    """Format a share, such as ``8.8%`` for ``0.0879``; a dash for None."""
    return DASH if value is None else plain_percent(value)


def score_or_dash(value: float | None, decimals: int = 3) -> str:
    return DASH if value is None else score(value, decimals)


def share_range(low: float, high: float, decimals: int = 1) -> str:
    """Format a range of shares, such as ``12.5–15.0%``."""
    return f"{percent_points(low, decimals)}–{plain_percent(high, decimals)}"


def field_label(name: str) -> str:
    return gettext(FIELDS_BY_NAME[name].label)


def part_label(field: str, part: str) -> str:
    """Return the name of a group of applicants: a choice of the field in words, or a band of its numbers."""
    declared = FIELDS_BY_NAME[field]
    return in_words(declared, part) if isinstance(declared, ChoiceField) else band(part)


def band(name: str) -> str:
    """Return a range such as ``18-24`` with an en dash and without a line break at it."""
    return name.replace("-", "\u2060–\u2060")


def amount(field: str, value: float) -> str:
    """Format a number of the field without its unit; the share of income in percent."""
    return short_percent(value) if field == SHARE_FIELD else number(value)


def in_schema_order(facts: Mapping[str, T]) -> list[tuple[str, T]]:
    """Return the items in schema order, because `card.json` sorts them by name."""
    return [(name, facts[name]) for name in FIELD_NAMES if name in facts]
