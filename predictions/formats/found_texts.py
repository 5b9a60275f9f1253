"""What the checks of training data have found, in the reader's language."""

from collections.abc import Iterable

from django.utils.formats import number_format
from django.utils.translation import gettext

from predictions.formats.numbers import plain_percent
from predictions.scoring.data_texts import Found, text_of


def found_texts(found: Iterable[Found]) -> list[str]:
    """Return a text for each thing that was found."""
    return [text_of(one, gettext, _number, plain_percent) for one in found]


def _number(value: int | float) -> str:
    """Return a number with its decimals, but no needless ones: ``144.0`` -> ``144``."""
    whole = float(value).is_integer()
    return number_format(int(value) if whole else value, use_l10n=True, force_grouping=True)
