"""Texts that the operator writes: terms, privacy, contact."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SiteText(models.Model):
    """One text in one language. The footer leads to those that there are."""

    class Kind(models.TextChoices):
        TERMS = "terms", _("Terms of use")
        PRIVACY = "privacy", _("Privacy")
        CONTACT = "contact", _("Contact")

    kind = models.CharField(_("page"), max_length=10, choices=Kind)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES)
    text = models.TextField(
        _("text"),
        max_length=200_000,
        help_text=_(
            "Plain text. An empty line begins a paragraph. Addresses of pages and emails become links."
        ),
    )
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("text of the site")
        verbose_name_plural = _("texts of the site")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "language"], name="site_text_once_in_a_language")
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.language})"
