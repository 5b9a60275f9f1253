"""Comparisons that customers have bought, and the length of their labels and those of predictions."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

# Characters of a label, and of its folded copy for the search: folding turns some letters into three.
MAX_LABEL_LENGTH = 100
MAX_FOLDED_LENGTH = 300


class Comparison(models.Model):
    """One applicant, all models on sale, one price: the sum of its predictions' discounted prices."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comparisons")
    applicant = models.JSONField(_("applicant"))
    label = models.CharField(_("label"), max_length=MAX_LABEL_LENGTH, blank=True)
    discount_percent = models.PositiveSmallIntegerField(_("discount, percent"))
    request_key = models.CharField(max_length=300)
    created_at = models.DateTimeField(_("ordered"), auto_now_add=True)

    class Meta:
        verbose_name = _("comparison")
        verbose_name_plural = _("comparisons")
        constraints = [
            models.UniqueConstraint(fields=["user", "request_key"], name="comparison_request_key_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)
