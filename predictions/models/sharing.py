"""What customers show to others: links to a result, and documents that anybody can verify."""

import uuid
from datetime import datetime
from typing import ClassVar, cast

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from predictions.models.comparisons import MAX_LABEL_LENGTH
from predictions.models.predictions import Prediction

# Four groups of four letters and digits, 80 bits.
CODE_LENGTH = 19


class ShareLinkQuerySet(models.QuerySet["ShareLink"]):
    def working(self) -> "ShareLinkQuerySet":
        return self.filter(revoked_at__isnull=True, expires_at__gt=timezone.now())


class ShareLink(models.Model):
    """A secret address at which anybody reads one result until it expires or is revoked.

    The address is shown once: the table has only the SHA-256 of its secret part.
    """

    prediction = models.ForeignKey(Prediction, on_delete=models.CASCADE, related_name="share_links")
    token_sha256 = models.CharField(max_length=64, unique=True, editable=False)
    with_details = models.BooleanField(_("with the application details"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    objects: ClassVar[ShareLinkQuerySet] = cast(ShareLinkQuerySet, ShareLinkQuerySet.as_manager())

    class Meta:
        verbose_name = _("link to a result")
        verbose_name_plural = _("links to results")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")), name="share_link_expires_later"
            )
        ]

    def __str__(self) -> str:
        return f"{self.prediction_id} until {self.expires_at:%Y-%m-%d}"

    @property
    def public_id(self) -> uuid.UUID:
        """The ID in addresses, half of the hash: it tells neither the secret part nor a number of links."""
        return uuid.UUID(self.token_sha256[:32])

    @property
    def ended_at(self) -> datetime | None:
        """When it stopped working; None while it works."""
        if self.revoked_at:
            return self.revoked_at
        return self.expires_at if self.expires_at <= timezone.now() else None


class ResultDocument(models.Model):
    """A PDF of one result, kept as it was handed out, so that its code and its hash prove what it says."""

    prediction = models.ForeignKey(Prediction, on_delete=models.CASCADE, related_name="documents")
    language = models.CharField(_("language"), max_length=10)
    label = models.CharField(_("label"), max_length=MAX_LABEL_LENGTH, blank=True)
    # One that was made while no explanation could be calculated is not the last.
    explained = models.BooleanField(_("with reasons"), default=True)
    code = models.CharField(_("verification code"), max_length=CODE_LENGTH, unique=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    content = models.BinaryField(_("PDF"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("document of a result")
        verbose_name_plural = _("documents of results")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["prediction", "language", "label", "explained"], name="result_document_once_each"
            )
        ]

    def __str__(self) -> str:
        return self.code
