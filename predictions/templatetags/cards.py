"""A model's card in words: fields, bins, ages and texts that the card names by key."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

from django import template
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from predictions.model_cards import Published
from predictions.scoring import card as texts
from predictions.scoring.points import Bin, PointsPart, PointTable
from predictions.scoring.schema import FIELD_NAMES, FIELDS_BY_NAME, SHARE, ChoiceField, NumberField
from predictions.templatetags.applicants import in_words, number
from predictions.templatetags.probability import share
from predictions.templatetags.quality import score

register = template.Library()
T = TypeVar("T")

NOTHING = "—"
WHEN = {
    "scorecard": _(
        "When you want to see where a number comes from, have many applications to look through, or must "
        "give reasons: the points can be added up by hand, and a better fact never lowers the answer."
    ),
    "forest": _(
        "When the scorecard's answer lies near your limit: it sees combinations of facts that a table of "
        "points cannot hold, and reacts less to small changes than the sharpest model."
    ),
    "boosting": _(
        "When a wrong answer is expensive: large sums and last decisions. It tells strong applications from "
        "weak ones most sharply, and in return reacts most to small changes of the facts."
    ),
}
# The false-positive rates that the table beside the curve has a row for.
ROC_ROWS = (0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5, 0.75)


@register.filter
def part(value: float | None, decimals: int = 1) -> str:
    """``0.0879`` -> ``8.8%``; a dash where there is nothing to measure."""
    return NOTHING if value is None else share(value, decimals)


@register.filter
def percent_points(value: float, decimals: int = 1) -> str:
    """``0.0193`` -> ``1.9``, a number of percentage points."""
    return share(value, decimals).removesuffix("%").strip()


@register.filter
def interval(value: Sequence[float], decimals: int = 1) -> str:
    low, high = value
    return f"{percent_points(low, decimals)}–{share(high, decimals)}"


@register.filter
def score_or_dash(value: float | None, decimals: int = 3) -> str:
    return NOTHING if value is None else score(value, decimals)


@register.filter
def whole(value: int) -> str:
    """``-4092`` -> ``−4,092``."""
    return number(value).replace("-", "\u2212")


@register.filter
def defaulted(approval_rate: float) -> float:
    return 1 - approval_rate


@register.filter
def observed_range(one: texts.ReliabilityBin) -> str:
    return interval((one["observed_low"], one["observed_high"]))


@register.filter
def bars(shown: texts.Distribution) -> Iterator[tuple[tuple[float, float], float, float]]:
    """The ends of each bin, with the shares of the repaid and of the defaulted loans in it."""
    yield from zip(pairwise(shown["edges"]), shown["approved"], shown["defaulted"], strict=True)


@register.filter
def in_order(facts: Mapping[str, T]) -> list[tuple[str, T]]:
    """By the fields' order in the schema, for `card.json` sorts them by their names."""
    return [(name, facts[name]) for name in FIELD_NAMES if name in facts]


@register.filter
def choices_in_order(shares: Mapping[str, float], name: str) -> list[tuple[str, float]]:
    field = FIELDS_BY_NAME[name]
    assert isinstance(field, ChoiceField)
    return [(value, shares[value]) for value in field.values if value in shares]


@register.filter
def facts(one: PointsPart) -> list[tuple[str, str]]:
    """The names of the fields with an applicant's values in words."""
    return [
        (name, in_words(FIELDS_BY_NAME[name], value))
        for name, value in zip(one.fields, one.values, strict=True)
    ]


@register.filter
def field_label(name: str) -> str:
    return gettext(FIELDS_BY_NAME[name].label)


@register.filter
def field_unit(name: str) -> str:
    field = FIELDS_BY_NAME[name]
    return gettext(field.unit) if isinstance(field, NumberField) and not field.derived else ""


@register.filter
def band(name: str) -> str:
    """``18-24`` with the dash that ranges have, at which no line breaks."""
    return name.replace("-", "\u2060–\u2060")


@register.filter
def choice_label(value: str, name: str) -> str:
    field = FIELDS_BY_NAME[name]
    return in_words(field, value) if isinstance(field, ChoiceField) else band(value)


@register.filter
def age_words(years: int) -> str:
    return in_words(FIELDS_BY_NAME["person_age"], years)


@register.filter
def amount(value: float, name: str) -> str:
    """A number of the field without its unit; the share of income in percent."""
    return _percent(value) if name == SHARE else number(value)


@register.filter
def bin_words(one: Bin, name: str) -> str:
    """``below 10,000``, ``10,000 to 12,000``, ``300,000 and more``, ``Rents`` or ``unknown``."""
    if one.choice is not None or one.unknown:
        return in_words(FIELDS_BY_NAME[name], one.choice)
    if one.low is None and one.high is not None:
        return gettext("below %(high)s") % {"high": amount(one.high, name)}
    if one.high is None and one.low is not None:
        return gettext("%(low)s and more") % {"low": amount(one.low, name)}
    assert one.low is not None
    assert one.high is not None
    return gettext("%(low)s to %(high)s") % {"low": amount(one.low, name), "high": amount(one.high, name)}


@register.filter
def rows(table: PointTable) -> Iterator[tuple[Bin, list[int]]]:
    """Each bin of the first field with its points: one, or one for each bin of the second."""
    given: Iterable[int | list[int]] = table.points
    for one, points in zip(table.bins[0], given, strict=True):
        yield one, points if isinstance(points, list) else [points]


@register.filter
def some_rows(curve: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """The curve at the round shares of its table, straight between the stored points."""
    return [(wanted, _height(curve, wanted)) for wanted in ROC_ROWS]


@register.filter
def roc_rows(compared: Sequence[Published]) -> list[tuple[float, list[float]]]:
    return [(wanted, [_height(one.card["roc"], wanted) for one in compared]) for wanted in ROC_ROWS]


@register.filter
def directions(compared: Sequence[Published]) -> list[tuple[str, list[tuple[str, float]]]]:
    """Each change with the models' names and how often their answer falls noticeably."""
    return [
        (change, [(one.offer.model.name, _fell(one.card, change)) for one in compared])
        for change in texts.CHANGES
    ]


@register.filter
def method_text(key: str) -> str:
    return gettext(texts.METHODS[key])


@register.filter
def limit_text(key: str) -> str:
    return gettext(texts.LIMITS[key])


@register.filter
def change_text(key: str) -> str:
    return gettext(texts.CHANGES[key])


@register.simple_tag
def how_measured() -> str:
    return gettext(texts.HOW_MEASURED)


@register.simple_tag
def data_source() -> str:
    return gettext(texts.DATA_SOURCE)


@register.simple_tag
def data_licence() -> str:
    return gettext(texts.DATA_LICENCE)


def _height(curve: Sequence[Sequence[float]], wanted: float) -> float:
    for (left, low), (right, high) in pairwise(curve):
        if left <= wanted <= right:
            return high if right == left else low + (high - low) * (wanted - left) / (right - left)
    return 1.0


def _fell(card: texts.Card, change: str) -> float:
    rows = card["stability"]["directions"]
    return next(row["fell_noticeably"] for row in rows if row["change"] == change)


def _percent(value: float) -> str:
    """As `share`, with no more decimals than there are."""
    shown = number(round(value * 100, 2))
    return share(value, len(shown.replace(",", ".").partition(".")[2]))


@register.filter
def when_to_choose(method: str) -> str:
    return gettext(WHEN[method])
