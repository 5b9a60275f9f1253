"""Empties accounts that were closed, by parts. Until that has ended, the row of the account says so."""

import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import User
from predictions.batches import store, transitions
from predictions.models import Batch, Comparison, Prediction, ResultDocument, ShareLink
from predictions.models.scores import RowScores

logger = logging.getLogger(__name__)

# Rows that one statement changes.
PART = 1000
# Requests that were begun before an account was closed are over by then. So it is emptied once more.
BEGUN_BEFORE = timedelta(minutes=15)


def scrub_closed() -> int:
    """Empty the accounts that were closed and are not empty yet; return how many there were."""
    users = list(User.objects.filter(deleted_at__isnull=False, scrubbed_at=None))
    for user in users:
        scrub(user)
    return len(users)


def scrub(user: User) -> None:
    """Delete applicants, labels, links, documents and files. The results stay, and name nobody."""
    # Both show the application.
    ShareLink.objects.filter(prediction__user=user).delete()
    ResultDocument.objects.filter(prediction__user=user).delete()
    predictions = Prediction.objects.of(user)
    for part in _parts(predictions):
        part.update(
            applicant={}, label="", label_folded="", explanation=None,
            explanation_requested_at=None, explanation_claimed_at=None,
        )  # fmt: skip
    for part in _parts(Comparison.objects.filter(user=user)):
        part.update(applicant={}, label="")
    for batch in Batch.objects.filter(user=user).iterator(PART):
        if batch.status == Batch.Status.QUOTED:
            transitions.cancel(batch)
        transitions.purge(batch.pk)
        store.delete_all(batch.pk)
        RowScores.objects.filter(batch=batch).delete()
    Batch.objects.filter(user=user).update(
        label="", file_name="", title_folded="", summary=None, failure_message=None,
        upload_key="", upload_fingerprint="",
    )  # fmt: skip
    if user.deleted_at and timezone.now() - user.deleted_at > BEGUN_BEFORE:
        User.objects.filter(pk=user.pk).update(scrubbed_at=timezone.now())
        logger.info("user %s: emptied", user.pk)


def _parts(rows: QuerySet[Any]) -> Iterator[QuerySet[Any]]:
    """Yield the rows in parts of `PART`, each one statement."""
    last: UUID | None = None
    while keys := list(
        (rows.filter(pk__gt=last) if last else rows).order_by("pk").values_list("pk", flat=True)[:PART]
    ):
        yield rows.filter(pk__in=keys)
        last = keys[-1]
