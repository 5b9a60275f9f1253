"""Downloads that pages and API share: streamed files of batches, with texts in the reader's language."""

from collections.abc import Iterable

from django.http import StreamingHttpResponse
from django.utils.translation import get_language, gettext, override

from accounts.models import User
from accounts.throttling import Limit, take
from predictions.scoring.problems import Params, Say

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


def in_language() -> Say:
    """Return what makes texts in the language of now: while a file is sent, the thread may have another."""
    language = get_language()

    def say(message: str, params: Params) -> str:
        with override(language):
            return gettext(message) % params

    return say
