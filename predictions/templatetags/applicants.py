"""Facts of an applicant as people read them."""

import json

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext, ngettext

from predictions.scoring.schema import EXAMPLE, SHARE, ChoiceField, Field, NumberField, Value
from predictions.templatetags.probability import share

register = template.Library()


@register.filter
def in_words(field: Field, value: Value) -> str:
    """``32 years``, ``Pays a mortgage``, ``13.2%`` or ``unknown``."""
    if value is None:
        return gettext("unknown")
    if isinstance(field, ChoiceField):
        return gettext(dict(field.choices)[str(value)])
    if field.name == SHARE:
        return share(float(value))
    return _with_unit(field, float(value))


@register.filter
def number(value: float) -> str:
    """At most two decimals, none that are zero, thousands grouped."""
    decimals = next(places for places in (0, 1, 2) if places == 2 or round(value, places) == value)
    return number_format(f"{value:.{decimals}f}", decimal_pos=decimals, use_l10n=True, force_grouping=True)


@register.filter
def unit(field: Field) -> str:
    """What is written behind the input."""
    return gettext(field.unit) if isinstance(field, NumberField) and not field.derived else ""


@register.filter
def bounds(field: Field) -> str:
    """What the input takes, with an example; nothing for what is worked out or chosen from a list."""
    if isinstance(field, ChoiceField) or field.derived:
        return ""
    return gettext(
        "From %(low)s to %(high)s, for example %(example)s. "
        "The models have learned from %(least)s to %(most)s."
    ) % {
        "low": number(field.minimum),
        "high": number(field.maximum),
        "example": number(field.example),
        "least": number(field.trained_from),
        "most": number(field.trained_to),
    }


def _with_unit(field: NumberField, value: float) -> str:
    shown = number(value)
    if field.unit == "years":
        # Russian counts a fraction like two of a thing: 6,5 года.
        count = int(value) if value == int(value) else 2
        return ngettext("%(number)s year", "%(number)s years", count) % {"number": shown}
    return f"{shown} {gettext(field.unit)}"


@register.simple_tag
def example_applicant(indent: int) -> str:
    """The example as JSON, which is Python as well; its later lines are `indent` spaces in."""
    return json.dumps(EXAMPLE, indent=4).replace("\n", "\n" + " " * indent)
