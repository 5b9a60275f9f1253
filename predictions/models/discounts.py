"""The discounts on files with many rows."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MAX_DISCOUNT_PERCENT = 90


class VolumeDiscount(models.Model):
    """The discount on each row of a file with at least `rows_from` rows that can be scored."""

    rows_from = models.PositiveIntegerField(_("from rows"), unique=True, validators=[MinValueValidator(2)])
    percent = models.PositiveSmallIntegerField(
        _("discount, percent"),
        validators=[MinValueValidator(1), MaxValueValidator(MAX_DISCOUNT_PERCENT)],
        help_text=_("The price of a row is rounded down to a minor unit."),
    )

    class Meta:
        ordering = ["rows_from"]
        verbose_name = _("volume discount")
        verbose_name_plural = _("volume discounts")
        constraints = [
            models.CheckConstraint(condition=Q(rows_from__gte=2), name="volume_discount_of_many_rows"),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=MAX_DISCOUNT_PERCENT),
                name="volume_discount_leaves_a_price",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rows_from}: {self.percent}%"
