"""Probabilities as people read them: in percent, in words, and as lengths for the drawings."""

from decimal import Decimal

from django import template
from django.utils.formats import get_format, number_format
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

register = template.Library()

# From this probability upwards, the words.
VERDICTS = (
    (0.9, "very-likely", _("Approval is very likely")),
    (0.65, "likely", _("Approval is likely")),
    (0.35, "uncertain", _("It could go either way")),
    (0.1, "unlikely", _("Approval is unlikely")),
    (0.0, "very-unlikely", _("Approval is very unlikely")),
)


@register.filter
def percent(probability: float, decimals: int = 1) -> str:
    """``0.593`` -> ``59.3%`` or ``59,3 %``. Nothing is certain: the ends are ``<0.1%``, ``>99.9%``."""
    smallest = 10 ** -(decimals + 2)
    if probability < smallest:
        return f"<{share(smallest, decimals)}"
    if probability > 1 - smallest:
        return f">{share(1 - smallest, decimals)}"
    return share(probability, decimals)


def share(value: float, decimals: int = 1) -> str:
    """``1.5`` -> ``150.0%``: any part of a whole, with no thought of certainty."""
    number = number_format(f"{value * 100:.{decimals}f}", decimal_pos=decimals, use_l10n=True)
    return f"{number}\u00a0%" if get_language() == "ru" else f"{number}%"


@register.filter
def goal(wanted: Decimal) -> str:
    """``Decimal("99.95")``, in percent, just as it was asked for: a goal may well be certainty."""
    number = number_format(f"{wanted.normalize():f}")
    return f"{number}\u00a0%" if get_language() == "ru" else f"{number}%"


@register.filter
def to_the_last_bit(value: float) -> str:
    """All the digits that tell this number from its neighbours, with the reader's decimal separator."""
    return repr(value).replace(".", str(get_format("DECIMAL_SEPARATOR")))


@register.filter
def verdict(probability: float) -> str:
    return str(next(words for least, _name, words in VERDICTS if probability >= least))


@register.filter
def length(probability: float, whole: int = 100) -> str:
    """How much of a line of `whole` units is drawn; always with a decimal point, as SVG wants it."""
    return f"{probability * whole:.2f}"
