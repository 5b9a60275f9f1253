"""Files in every state that looks different."""

from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from predictions.models import Batch
from predictions.orders import batches as files
from tests.support.batches import BAD, score_all, table, uploaded
from tests.support.scored_files import some_rows


def file_pages(user: User) -> list[str]:
    """Make files that are quoted, checked, scored, completed, failed, canceled or expired: their pages."""
    rows = some_rows(6)

    def quoted() -> Batch:
        return uploaded(user, table([*rows, BAD]))

    def paid() -> Batch:
        return files.confirm_batch(quoted())

    completed = paid()
    score_all()
    checked, running, failed, expired = quoted(), paid(), uploaded(user, table([BAD])), quoted()
    Batch.objects.filter(pk=checked.pk).update(status="validating", price=None, unit_price=None)
    Batch.objects.filter(pk=expired.pk).update(status="expired", finished_at=timezone.now())
    shown = [quoted(), checked, running, completed, failed, files.cancel_batch(paid()), expired]
    row = reverse("predictions:batch-row", args=[completed.pk, 3])
    pages = [reverse("predictions:batch", args=[batch.pk]) for batch in shown]
    outcomes = reverse("predictions:batch-outcomes", args=[completed.pk])
    return [*pages, row, f"{pages[3]}?q=loan+1", outcomes]
