"""Texts about drift: the names of fields and of their bins."""

from itertools import pairwise

from django.utils.translation import gettext

from predictions.formats.numbers import number, plain_percent, score
from predictions.scoring.bins import SCORE, FieldBins
from predictions.scoring.schema import FIELDS_BY_NAME, SHARE_FIELD, ChoiceField, NumberField


def field_label(name: str) -> str:
    """Return what people call a field, or the score; the name itself of a field that is gone."""
    if name == SCORE:
        return gettext("Probability of approval")
    field = FIELDS_BY_NAME.get(name)
    return gettext(field.label) if field else name


def bin_labels(bins: FieldBins) -> list[str]:
    """Return a text for each bin: ``up to 22``, ``23–25``, ``26 and more``, ``unknown``; or choices."""
    if bins.choices:
        return [*(_choice(bins.name, value) for value in bins.choices), gettext("anything else")]
    field = FIELDS_BY_NAME.get(bins.name)
    whole = isinstance(field, NumberField) and field.integer
    return [*(_whole_numbers if whole else _numbers)(bins), gettext("unknown")]


def psi_text(psi: float) -> str:
    """``0.0312`` -> ``0.03``."""
    return score(psi, 2)


def _choice(name: str, value: str) -> str:
    field = FIELDS_BY_NAME.get(name)
    return gettext(field.label_of(value)) if isinstance(field, ChoiceField) else value


def _numbers(bins: FieldBins) -> list[str]:
    """An upper end does not belong to its bin."""
    if not bins.edges:
        return [gettext("any number")]
    ends = [_value(bins.name, edge) for edge in bins.edges]
    return [
        gettext("below %(end)s") % {"end": ends[0]},
        *(f"{low} – {high}" for low, high in pairwise(ends)),
        gettext("%(start)s and more") % {"start": ends[-1]},
    ]


def _whole_numbers(bins: FieldBins) -> list[str]:
    """Both ends belong to their bin."""
    if not bins.edges:
        return [gettext("any number")]
    edges = [int(edge) for edge in bins.edges]
    return [
        gettext("up to %(end)s") % {"end": number(edges[0] - 1)},
        *(_range(low, high - 1) for low, high in pairwise(edges)),
        gettext("%(start)s and more") % {"start": number(edges[-1])},
    ]


def _range(low: int, high: int) -> str:
    return number(low) if low == high else f"{number(low)}–{number(high)}"


def _value(name: str, value: float) -> str:
    return plain_percent(value) if name in (SCORE, SHARE_FIELD) else number(value)
