"""PDFs of results: made once, kept as they were handed out, and verified by their code or their hash.

A process of its own draws each, so the web role does not import what draws, and its other threads go on.
"""

import hashlib
import json
import secrets
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import get_language

from accounts.errors import CustomerError
from accounts.models import User
from accounts.throttling import Limit, take
from predictions.formats.documents import content
from predictions.models import Prediction, ResultDocument
from predictions.results.what_if import NotFinished

DOCUMENTS = Limit("documents", 20, 60)
VERIFICATIONS = Limit("document-verifications", 30, 60)
# Of one result.
MAX_DOCUMENTS = 20
# Drawing takes about half a second, on a busy machine five.
SECONDS = 30
# A document of more pages than this is a fault.
MAX_BYTES = 2_000_000
# Crockford's Base32: no I, L, O and U, which are read as something else.
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
MISREAD = str.maketrans("ILO", "110")
GROUPS, GROUP_LENGTH = 4, 4


class TooManyDocuments(CustomerError):
    """A result has `MAX_DOCUMENTS` documents, by different labels and languages."""

    status = 409
    code = "too_many_documents"


class DocumentFailed(CustomerError):
    """The process that draws it has failed or taken too long."""

    status = 503
    code = "document_failed"


def document_of(user: User, prediction: Prediction, reasons: Sequence[str] | None) -> ResultDocument:
    """Return the PDF of a result in the language of now. It is made at the first call, with these reasons.

    `reasons` is None if no explanation could be calculated.

    Another label makes another document; those handed out before stay genuine. Raises `NotFinished`,
    `TooManyAttempts`, `TooManyDocuments`, `DocumentFailed`.
    """
    if prediction.approval_probability is None:
        raise NotFinished
    language = get_language() or settings.LANGUAGE_CODE
    key = {
        "prediction": prediction,
        "language": language,
        "label": prediction.label,
        "explained": reasons is not None,
    }
    if kept := ResultDocument.objects.filter(**key).first():
        return kept
    if prediction.documents.count() >= MAX_DOCUMENTS:
        raise TooManyDocuments
    take(DOCUMENTS, str(user.pk))
    code = _new_code()
    drawn = _draw(json.dumps(asdict(content(prediction, reasons or (), code, language))))
    values = {"code": code, "sha256": hashlib.sha256(drawn).hexdigest(), "content": drawn}
    # Of two requests at the same time, both get what the first has stored.
    document, _created = ResultDocument.objects.get_or_create(**key, defaults=values)
    return document


def find_by_code(typed: str) -> ResultDocument | None:
    """Return the document with a code as people type it: in any case, with or without its dashes."""
    letters = "".join(typed.upper().split()).replace("-", "").translate(MISREAD)
    if len(letters) != GROUPS * GROUP_LENGTH or not set(letters) <= set(LETTERS):
        return None
    return _documents().filter(code=_grouped(letters)).first()


def find_by_hash(sha256: str) -> ResultDocument | None:
    """Return the document with exactly these bytes."""
    return _documents().filter(sha256=sha256).first()


def _documents() -> QuerySet[ResultDocument]:
    """Those of a deleted account end with it; its rows are emptied a little later."""
    documents = ResultDocument.objects.filter(prediction__user__deleted_at__isnull=True)
    return documents.select_related("prediction__model").defer("content")


def _new_code() -> str:
    return _grouped("".join(secrets.choice(LETTERS) for _ in range(GROUPS * GROUP_LENGTH)))


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + GROUP_LENGTH] for at in range(0, len(letters), GROUP_LENGTH))


def _draw(texts: str) -> bytes:
    """Return the PDF of these texts. Raises `DocumentFailed`."""
    command = [sys.executable, "-m", "predictions.formats.pdf"]
    try:
        run = subprocess.run(
            command,
            input=texts.encode(),
            cwd=settings.BASE_DIR,
            capture_output=True,
            timeout=SECONDS,
            check=True,
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
        raise DocumentFailed from error
    if len(run.stdout) > MAX_BYTES:
        raise DocumentFailed
    return run.stdout
