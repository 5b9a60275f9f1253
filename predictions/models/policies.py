"""Decision policies: the thresholds by which a customer decides on probabilities."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import ApiKey, User
from predictions.scoring.models.protocol import Floats
from predictions.scoring.rounding import PROBABILITY_DECIMALS

# Half of the last decimal that is sold: 0.7999996 is sold as 0.800000, and decided on as that.
_HALF = 0.5 / 10**PROBABILITY_DECIMALS


class Decision(models.TextChoices):
    """What a customer's policy says of a probability; never a verdict of the service."""

    APPROVE = "approve", _("Approve")
    REVIEW = "review", _("Review")
    DECLINE = "decline", _("Decline")


class DecisionPolicy(models.Model):
    """A customer's thresholds, probabilities of approval. Between them a person decides."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="decision_policy"
    )
    approve_from = models.FloatField(_("approve from"))
    decline_below = models.FloatField(_("decline below"))
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("decision policy")
        verbose_name_plural = _("decision policies")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(decline_below__gte=0, approve_from__lte=1, decline_below__lte=F("approve_from")),
                name="policy_thresholds_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.decline_below}–{self.approve_from}"

    def decide(self, approval: float) -> Decision:
        """Return the decision on a probability of approval."""
        if approval >= self.approve_from - _HALF:
            return Decision.APPROVE
        return Decision.DECLINE if approval < self.decline_below - _HALF else Decision.REVIEW

    def count(self, approval: Floats) -> dict[str, int]:
        """Return how many of these probabilities, shape (n,), get each decision."""
        approved = int((approval >= self.approve_from - _HALF).sum())
        declined = int((approval < self.decline_below - _HALF).sum())
        review = len(approval) - approved - declined
        return {Decision.APPROVE: approved, Decision.REVIEW: review, Decision.DECLINE: declined}

    def condition(self, decision: str) -> Q:
        """Return the condition of predictions with this decision."""
        approve_from, decline_below = self.approve_from - _HALF, self.decline_below - _HALF
        match decision:
            case Decision.APPROVE:
                return Q(approval_probability__gte=approve_from)
            case Decision.DECLINE:
                return Q(approval_probability__lt=decline_below)
        return Q(approval_probability__gte=decline_below, approval_probability__lt=approve_from)


class PolicyChange(models.Model):
    """Thresholds from `changed_at` on, until the user's next change; both None: the policy was removed.

    Only `results.decisions` adds rows, and database triggers prevent changes and deletion.
    """

    # No index of its own, because `policy_changes_of_user` begins with it.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, related_name="policy_changes"
    )
    approve_from = models.FloatField(_("approve from"), null=True)
    decline_below = models.FloatField(_("decline below"), null=True)
    changed_at = models.DateTimeField(_("changed"))
    # The key that a program has changed it with. Without one it was the user, on a page or with a token.
    api_key = models.ForeignKey(
        ApiKey,
        on_delete=models.PROTECT,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("API key"),
    )

    class Meta:
        verbose_name = _("change of a decision policy")
        verbose_name_plural = _("changes of decision policies")
        indexes: ClassVar = [models.Index(fields=["user", "-id"], name="policy_changes_of_user")]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(approve_from__isnull=True, decline_below__isnull=True)
                | Q(
                    approve_from__isnull=False,
                    decline_below__isnull=False,
                    decline_below__gte=0,
                    approve_from__lte=1,
                    decline_below__lte=F("approve_from"),
                ),
                name="policy_change_thresholds_in_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.decline_below}–{self.approve_from}" if self.approve_from is not None else "—"


def policy_of(user: User) -> DecisionPolicy | None:
    """Return the user's policy. Reads it once for each `user` object."""
    return getattr(user, "decision_policy", None)
