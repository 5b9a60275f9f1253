"""Downloads that pages and API share: streamed files of batches, PDFs of results."""

from collections.abc import Iterable

from django.http import HttpResponse, StreamingHttpResponse

from accounts.models import User
from accounts.throttling import Limit, take
from predictions.models import ResultDocument

# A long download occupies a thread of the web server for seconds.
DOWNLOADS = Limit("file-downloads", 60, 60)


def csv_download(user: User, name: str, pieces: Iterable[bytes]) -> StreamingHttpResponse:
    """Return a download named `name`. Raises `TooManyAttempts`."""
    take(DOWNLOADS, str(user.pk))
    headers = {
        "Content-Type": "text/csv; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return StreamingHttpResponse(pieces, headers=headers)


def pdf_download(document: ResultDocument) -> HttpResponse:
    headers = {
        "Content-Type": "application/pdf",
        "Content-Disposition": f'attachment; filename="creditscore-{document.code}.pdf"',
    }
    return HttpResponse(bytes(document.content), headers=headers)
