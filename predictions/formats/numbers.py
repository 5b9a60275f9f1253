"""Numbers as people read them: percentages, percentage points, lengths of drawings."""

import math
from collections.abc import Mapping
from decimal import Decimal
from itertools import cycle, islice

from django.utils.formats import get_format, number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# A smaller change is none: what adds up floats leaves so much behind.
NO_CHANGE = 1e-9
# Maximum difference between the highest and the lowest shown probability of several models, and its text.
AGREEMENTS = (
    (0.05, _("The models agree closely.")),
    (0.15, _("The models roughly agree.")),
    (0.30, _("The models differ noticeably.")),
    (1.0, _("The models disagree. Do not rely on any one of them alone.")),
)
# Minimum probability of approval, and its text.
VERDICTS = (
    (0.9, _("Approval is very likely")),
    (0.65, _("Approval is likely")),
    (0.35, _("Approval is uncertain")),
    (0.1, _("Approval is unlikely")),
    (0.0, _("Approval is very unlikely")),
)


def percent(probability: float, decimals: int = 1) -> str:
    """``0.593`` -> ``59.3%``, or ``<0.1%`` and ``>99.9%`` at the ends: nothing is certain."""
    smallest = 10 ** -(decimals + 2)
    if probability < smallest:
        return f"<{plain_percent(smallest, decimals)}"
    if probability > 1 - smallest:
        return f">{plain_percent(1 - smallest, decimals)}"
    return plain_percent(probability, decimals)


def plain_percent(value: float, decimals: int = 1) -> str:
    """``1.5`` -> ``150.0%``: any share, without the special ends of `percent`."""
    return with_percent_sign(
        number_format(f"{value * 100:z.{decimals}f}", decimal_pos=decimals, use_l10n=True)
    )


def whole_percent(value: float) -> str:
    """``0.8`` -> ``80%``."""
    return plain_percent(value, 0)


def goal_percent(goal: Decimal) -> str:
    """``Decimal("99.95")`` -> ``99.95%``, with the decimals that were entered."""
    return with_percent_sign(number_format(f"{goal.normalize():f}"))


def threshold(value: float) -> str:
    """A threshold of a decision policy, with as many decimals as were typed, four at most."""
    return plain_percent(value, len(f"{value * 100:.4f}".rstrip("0").partition(".")[2]))


def short_percent(value: float) -> str:
    """Like `plain_percent`, with at most two decimals and no trailing zeros."""
    text = number(round(value * 100, 2))
    return plain_percent(value, len(text.replace(",", ".").partition(".")[2]))


def discount(percent: int) -> str:
    """``20`` -> ``−20%``."""
    return f"\u2212{whole_percent(percent / 100)}"


def percent_points(value: float, decimals: int = 1) -> str:
    """``0.0193`` -> ``1.9``: a difference of probabilities in percentage points, without a unit."""
    return number_format(f"{value * 100:z.{decimals}f}", decimal_pos=decimals, use_l10n=True)


def points(change: float) -> str:
    """``-0.0423`` -> ``−4.2``: a change in percentage points, with its sign."""
    rounded = round(Decimal(str(change)) * 100, 1)
    text = number_format(abs(rounded), decimal_pos=1, use_l10n=True)
    return text if not rounded else f"+{text}" if rounded > 0 else f"\u2212{text}"


def in_points(change: float) -> str:
    """Like `points`, with the unit."""
    return gettext("%(number)s points") % {"number": points(change)}


def distance(change: float) -> str:
    """Like `in_points`, without a sign."""
    text = number_format(round(Decimal(str(abs(change))) * 100, 1), decimal_pos=1, use_l10n=True)
    return gettext("%(number)s points") % {"number": text}


def shown_difference(before: float, after: float) -> float:
    """`after` - `before` as the rounded numbers that `percent` shows of them."""
    return round(_shown(after) - _shown(before), 3)


def shown_changes(before: float, after: float, changes: Mapping[str, float]) -> dict[str, float]:
    """Return `changes`, which lead from `before` to `after`, in tenths of a point that add up as shown.

    Each is rounded down, and those with the largest remainders get what is then missing from the difference
    of the two percentages. Changes of nothing are left out.
    """
    tenths = {key: change * 1000 for key, change in changes.items() if abs(change) > NO_CHANGE}
    rounded = {key: math.floor(change) for key, change in tenths.items()}
    missing = round(shown_difference(before, after) * 1000) - sum(rounded.values())
    by_remainder = sorted(tenths, key=lambda key: rounded[key] - tenths[key], reverse=missing < 0)
    for key in islice(cycle(by_remainder), abs(missing)):
        rounded[key] += 1 if missing > 0 else -1
    return {key: value / 1000 for key, value in rounded.items()}


def direction(change: float) -> str:
    """Return a CSS class: ``up``, ``down``, or ``same`` if the change rounds to zero."""
    rounded = round(change * 100, 1)
    return "up" if rounded > 0 else "down" if rounded < 0 else "same"


def number(value: float) -> str:
    """At most two decimals, no trailing zeros, thousands grouped. Zero has no sign."""
    decimals = next(places for places in (0, 1, 2) if places == 2 or round(value, places) == value)
    return number_format(f"{value:z.{decimals}f}", decimal_pos=decimals, use_l10n=True, force_grouping=True)


def whole(value: int) -> str:
    """``-4092`` -> ``−4,092``."""
    return number(value).replace("-", "\u2212")


def score(value: float, decimals: int = 3) -> str:
    """A measure of quality with a fixed number of decimals."""
    text = number_format(f"{value:z.{decimals}f}", decimal_pos=decimals, use_l10n=True)
    return text.replace("-", "\u2212")


def all_digits(value: float) -> str:
    """The shortest text that identifies this float, with the reader's decimal separator."""
    return repr(value).replace(".", str(get_format("DECIMAL_SEPARATOR")))


def verdict(probability: float) -> str:
    """Return a probability of approval in words."""
    return str(next(text for minimum, text in VERDICTS if probability >= minimum))


def agreement(spread: float) -> str:
    """Return in words how far models agree whose shown probabilities differ by `spread`."""
    return str(next(text for maximum, text in AGREEMENTS if spread <= maximum))


def svg_length(probability: float, whole: int = 100) -> str:
    """A share of `whole` units, always with a decimal point, as SVG needs it."""
    return f"{probability * whole:.2f}"


def localized(params: Mapping[str, int | float | str]) -> dict[str, str]:
    """Return `params` with numbers formatted for the reader's language."""
    return {
        name: value if isinstance(value, str) else number_format(Decimal(str(value)), force_grouping=True)
        for name, value in params.items()
    }


def _shown(probability: float) -> float:
    # By the same rounding as `percent`.
    return float(f"{min(max(probability, 0.001), 0.999) * 100:.1f}") / 100


def with_percent_sign(text: str) -> str:
    """``10.5`` -> ``10.5%``."""
    # Some languages put a space before the sign.
    return gettext("%(number)s%%") % {"number": text}
