"""Histories as files."""

from collections.abc import Iterable, Sequence

from django.http import StreamingHttpResponse

from accounts.models import User
from accounts.throttling import Limit, take
from tabular import csv_chunks

# A long history keeps a thread of the web server busy for seconds.
EXPORTS = Limit("exports", 10, 60)


def csv_response(
    user: User, name: str, header: Sequence[str], rows: Iterable[Sequence[object]]
) -> StreamingHttpResponse:
    """A CSV file to save under `name`, sent while it is read. Raises `TooManyAttempts`."""
    take(EXPORTS, str(user.pk))
    response = StreamingHttpResponse(csv_chunks(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
