"""Forms of the decision policy: the thresholds, and the costs of wrong decisions."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from billing.forms import AmountField, PercentField
from predictions.models import DecisionPolicy
from predictions.results.decisions import Suggestion

_OUTSIDE: dict[str, Any] = {
    "required": _("Enter a number."),
    "invalid": _("Enter a number."),
    "min_value": _("Enter a number from 0 to 100."),
    "max_value": _("Enter a number from 0 to 100."),
}
MAX_COST = Decimal(1_000_000_000)


class PolicyForm(forms.Form):
    """Thresholds in percent; `thresholds` has them as probabilities."""

    approve_from = PercentField(
        label=_("Approve from, %"), min_value=0, max_value=100, decimal_places=4, error_messages=_OUTSIDE
    )
    decline_below = PercentField(
        label=_("Decline below, %"),
        min_value=0,
        max_value=100,
        decimal_places=4,
        error_messages=_OUTSIDE,
        help_text=_("Between the two, a person decides. Enter the same number twice for no review."),
    )

    @staticmethod
    def initial_of(thresholds: DecisionPolicy | Suggestion) -> dict[str, str]:
        """Return what the fields show for thresholds that are stored or suggested."""
        return {
            "approve_from": _percent(thresholds.approve_from),
            "decline_below": _percent(thresholds.decline_below),
        }

    @property
    def thresholds(self) -> dict[str, float]:
        return {name: float(value / 100) for name, value in self.cleaned_data.items()}


class CostsForm(forms.Form):
    """What wrong decisions cost."""

    default_cost = AmountField(
        label=_("Loss when an approved loan defaults"),
        min_value=0,
        max_value=MAX_COST,
        decimal_places=2,
        help_text=_("On average, after recoveries."),
    )
    refusal_cost = AmountField(
        label=_("Profit missed when a good loan is declined"),
        min_value=0,
        max_value=MAX_COST,
        decimal_places=2,
        help_text=_("On average, per loan."),
    )


def _percent(share: float) -> str:
    """``0.625`` -> ``62.5``, with the reader's decimal separator."""
    return number_format(f"{(Decimal(repr(share)) * 100).normalize():f}")
