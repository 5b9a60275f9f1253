"""The catalog: names, descriptions and prices of the models."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class CatalogManager(models.Manager["ScoringModel"]):
    def get_queryset(self) -> models.QuerySet["ScoringModel"]:
        """With the version on sale, so that an order learns of both in one statement."""
        return super().get_queryset().select_related("on_sale")


class ScoringModel(models.Model):
    """A model in the catalog. `on_sale` is the period of the version that is sold, if there is one."""

    slug = models.SlugField(unique=True)
    name_en = models.CharField(_("name, English"), max_length=100)
    name_ru = models.CharField(_("name, Russian"), max_length=100)
    description_en = models.TextField(_("description, English"))
    description_ru = models.TextField(_("description, Russian"))
    price = models.PositiveIntegerField(_("price, minor units"), help_text=_("1000 is 10.00"))
    reasons_price = models.PositiveIntegerField(
        _("price of reason codes, minor units"),
        default=0,
        help_text=_("Added to the price of each row of a file that is ordered with reason codes."),
    )
    active = models.BooleanField(_("for sale"), default=True)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    objects: ClassVar[CatalogManager] = CatalogManager()

    class Meta:
        ordering = ["position", "slug"]
        verbose_name = _("model")
        verbose_name_plural = _("models")
        constraints = [models.CheckConstraint(condition=Q(price__gt=0), name="model_price_positive")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return str(getattr(self, self.name_column()))

    @property
    def description(self) -> str:
        return str(getattr(self, _column("description")))

    @staticmethod
    def name_column() -> str:
        """Return the column with the name in the reader's language."""
        return _column("name")


def _column(text: str) -> str:
    """``name`` -> ``name_ru``, or ``name_en`` for a language without its own column."""
    column = f"{text}_{get_language()}"
    return column if hasattr(ScoringModel, column) else f"{text}_en"
