"""A customer's decision policy: save and remove it, and suggest thresholds from costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, User
from predictions.models import DecisionPolicy, PolicyChange
from predictions.scoring.model_card import Threshold
from predictions.scoring.rounding import PROBABILITY_DECIMALS

# Between the suggested thresholds, a decision by the model alone costs at most this share more than the best.
REVIEW_WITHIN = 0.05


@dataclass(frozen=True)
class Suggestion:
    """Thresholds for a model, and what a single one, `best`, means on the model card's loans.

    `cost` is that of `best` for each application, in the unit of the costs that were given.
    """

    best: float
    approve_from: float
    decline_below: float
    approval_rate: float
    default_rate_of_approved: float | None
    cost: float


@dataclass(frozen=True)
class Change:
    """A change of the thresholds, and what they were `before`: the change that it ended, if there is one."""

    after: PolicyChange
    before: PolicyChange | None


def save_policy(
    user: User, *, approve_from: float, decline_below: float, api_key: ApiKey | None = None
) -> DecisionPolicy:
    """Store the thresholds, probabilities of approval; they count at once, for earlier results too.

    Files keep those of the moment in which they were paid for. Those that are stored already change nothing.
    `api_key` is that of the program which has asked for it. Raises `ValidationError`.
    """
    if not 0 <= decline_below <= 1 or not 0 <= approve_from <= 1:
        raise ValueError("thresholds are probabilities")
    if decline_below > approve_from:
        text = _("“Decline below” must not be higher than “Approve from”.")
        raise ValidationError({"decline_below": ValidationError(text, "above_approve_from")})
    values = {
        "approve_from": round(approve_from, PROBABILITY_DECIMALS),
        "decline_below": round(decline_below, PROBABILITY_DECIMALS),
    }
    with transaction.atomic():
        _lock(user)
        if same := DecisionPolicy.objects.filter(user=user, **values).first():
            return same
        policy, _created = DecisionPolicy.objects.update_or_create(user=user, defaults=values)
        PolicyChange.objects.create(user=user, changed_at=policy.changed_at, api_key=api_key, **values)
    return policy


def remove_policy(user: User, api_key: ApiKey | None = None) -> None:
    """Remove the user's policy; results have no decision then."""
    with transaction.atomic():
        _lock(user)
        if DecisionPolicy.objects.filter(user=user).delete()[0]:
            PolicyChange.objects.create(user=user, changed_at=timezone.now(), api_key=api_key)


def changes_of(user: User, count: int) -> list[Change]:
    """Return the user's newest `count` changes of the policy, the latest first."""
    rows = user.policy_changes.select_related("api_key").order_by("-pk")[: count + 1]
    newest = [*rows, None]
    return [Change(after, before) for after, before in pairwise(newest) if after][:count]


def _lock(user: User) -> None:
    """So that changes at the same time are stored in the order in which they count."""
    User.objects.select_for_update(no_key=True).get(pk=user.pk)


def suggest(
    thresholds: Sequence[Threshold], *, default_cost: float, refusal_cost: float
) -> Suggestion | None:
    """Return the thresholds at which wrong decisions cost least; None if nothing would ever cost anything.

    `thresholds` is the table of a model card. `default_cost` is the loss when an approved loan defaults,
    `refusal_cost` what is missed when a loan that would be repaid is refused, both 0 or more.
    """
    if default_cost <= 0 and refusal_cost <= 0:
        return None
    costs = [_cost(level, default_cost, refusal_cost) for level in thresholds]
    lowest = min(costs)
    near = [
        level["threshold"]
        for level, cost in zip(thresholds, costs, strict=True)
        if cost <= lowest * (1 + REVIEW_WITHIN)
    ]
    best = thresholds[costs.index(lowest)]
    return Suggestion(
        best=best["threshold"],
        approve_from=max(near),
        decline_below=min(near),
        approval_rate=best["approval_rate"],
        default_rate_of_approved=best["default_rate_of_approved"],
        cost=lowest,
    )


def _cost(level: Threshold, default_cost: float, refusal_cost: float) -> float:
    """Return the mean cost of an application when everything from this threshold on is approved."""
    approved = level["approval_rate"]
    defaults = approved * (level["default_rate_of_approved"] or 0)
    # Without refusals the rate is None, and nobody is refused wrongly.
    refused_default = level["default_rate_of_refused"]
    missed = (1 - approved) * (1 - (1 if refused_default is None else refused_default))
    return defaults * default_cost + missed * refusal_cost
