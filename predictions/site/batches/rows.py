"""The page of one row of a file, as if it had been bought alone."""

import uuid

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.requests import current_user
from accounts.throttling import Limit, take
from predictions.batches import files
from predictions.batches.store import FilesDeleted
from predictions.formats.applicants import range_warnings
from predictions.models import Batch, BatchChunk
from predictions.scoring.schema import FIELDS
from predictions.selectors import get_batch_or_404
from predictions.site.batches.context import cells_of
from predictions.site.result_context import ready_section

# Explaining takes milliseconds of the web server, and finding a row in its chunk a tenth of a second.
ROWS = Limit("file-rows", 60, 60)


@never_cache
@login_required
@require_safe
def row(request: HttpRequest, pk: uuid.UUID, line: int) -> HttpResponse:
    """404 for a line that has no result. Raises `ArtifactUnavailable`."""
    user = current_user(request)
    batch = get_batch_or_404(user, pk)
    if not batch.has_results:
        raise Http404
    take(ROWS, str(user.pk))
    try:
        found = files.row_at(batch, line)
    except FilesDeleted as error:
        raise Http404 from error
    if found is None or not _is_scored(batch, line):
        raise Http404
    explanation = files.explanation_of(batch, found)
    context = {
        "batch": batch,
        "line": line,
        "own": cells_of(found),
        "probability": explanation.approval_probability,
        "decision": batch.policy and batch.policy.decide(explanation.approval_probability),
        "explained": ready_section(explanation, found.applicant),
        "facts": [(field, found.applicant[field.name]) for field in FIELDS],
        "warnings": range_warnings(found.applicant),
    }
    return render(request, "predictions/batches/row.html", context)


def _is_scored(batch: Batch, line: int) -> bool:
    """Whether the chunk with this line was scored, and not canceled before."""
    chunk = BatchChunk.objects.filter(batch=batch, first_line__lte=line).order_by("first_line").last()
    return chunk is not None and chunk.status == BatchChunk.Status.DONE
