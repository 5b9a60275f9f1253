"""Mails to operators about drift: one for a version and week in which something has drifted.

A week is judged once, when it is over and all of it is counted. The row that needs a mail says so until it is
sent.
"""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError

from accounts import mails
from predictions.formats.drift import field_label
from predictions.lifecycle.drift import is_counted
from predictions.lifecycle.drift_report import drifted, last_week
from predictions.models import DriftWeek
from predictions.scoring.artifacts import ArtifactError
from telemetry import metrics

logger = logging.getLogger(__name__)

# A mail that is not sent by then is published again.
AGAIN = timedelta(minutes=10)


def judge() -> None:
    """Ask for a mail about each version in whose last week something has drifted. Each week is judged once.

    Earlier weeks are not judged: what was counted late is on the page.
    """
    for row in DriftWeek.objects.filter(week=last_week(), judged_at=None).select_related("model"):
        if not is_counted(row.model, row.week):
            continue
        try:
            found = drifted(row)
        except ArtifactError as error:
            logger.error("drift of %s %s is judged later: %s", row.model.slug, row.version, error)
            continue
        now = timezone.now()
        unjudged = DriftWeek.objects.filter(pk=row.pk, judged_at=None)
        if unjudged.update(judged_at=now, mail_due_at=now if found else None) and found:
            names = ", ".join(one.name for one in found)
            logger.warning("%s %s has drifted: %s", row.model.slug, row.version, names)


def publish_due(publish: Callable[[int], object]) -> None:
    """Publish the mails that are due, and those that were published and not sent: `publish` takes a key."""
    now = timezone.now()
    due = DriftWeek.objects.filter(mail_due_at__lte=now)
    for pk in list(due.values_list("pk", flat=True)):
        if due.filter(pk=pk).update(mail_due_at=now + AGAIN):
            try:
                publish(pk)
            except OperationalError as error:
                logger.error("mail about drift is published later: %s", error)
                metrics.failed("publish")


def send(pk: int) -> None:
    """Mail operators what has drifted in a week, unless that was done."""
    row = DriftWeek.objects.filter(pk=pk, mail_due_at__isnull=False).select_related("model").first()
    if row is None:
        return
    found = drifted(row)
    if found and settings.OPERATOR_EMAILS:
        with translation.override(settings.LANGUAGE_CODE):
            _send(row, [(field_label(one.name), one.shift.psi) for one in found])
    DriftWeek.objects.filter(pk=pk).update(mail_due_at=None)


def _send(row: DriftWeek, fields: list[tuple[str, float]]) -> None:
    address = reverse("admin:predictions_scoringmodel_drift", args=[row.model_id])
    link = f"{settings.SITE_URL}{address}?version={row.version}&before={row.end.isoformat()}"
    context = {"week": row, "fields": fields, "link": link}
    mails.send("predictions/drift/mail", settings.OPERATOR_EMAILS, context, {link: _("View drift")})
