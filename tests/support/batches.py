"""Files of applicants: uploaded, confirmed, scored."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from accounts.models import User
from predictions.batches import files, intake, scoring
from predictions.batches.uploads import Upload
from predictions.models import Batch, ScoringModel
from predictions.orders.batches import confirm_batch
from predictions.orders.uploads import upload_batch
from tests.support.people import give_money
from tests.support.scored_files import HEADER, some_rows

UploadFor: TypeAlias = Callable[..., Batch]
# A row that no model can score, and one that is cut.
BAD, SHORT = ["bad", *["x"] * (len(HEADER) - 1)], ["short"]


def table(rows: Sequence[Sequence[str]], header: Sequence[str] = HEADER, delimiter: str = ",") -> bytes:
    """A file with these rows."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([header, *rows])
    return text.getvalue().encode()


def upload_of(content: bytes, name: str = "loans.csv") -> Upload:
    """The file as a request has received it."""
    upload = Upload(name, "text/csv", None, None)
    upload.write(content)
    upload.seek(0)
    upload.size = len(content)
    return upload


def sent(content: bytes, name: str = "loans.csv") -> SimpleUploadedFile:
    """The file as a test client sends it."""
    return SimpleUploadedFile(name, content, "text/csv")


def uploaded(
    user: User, content: bytes, model: str = "logistic-regression", name: str = "loans.csv", **options: Any
) -> Batch:
    file = upload_of(content, name)
    try:
        return upload_batch(user=user, model=ScoringModel.objects.get(slug=model), file=file, **options)
    finally:
        file.close()


@pytest.fixture
def upload(catalog: None, own_files: Path) -> UploadFor:
    """`upload(alice, rows)`: a file of alice's; small ones are quoted."""

    def upload_for(
        user: User,
        rows: Sequence[Sequence[str]] | None = None,
        *,
        content: bytes | None = None,
        **options: Any,
    ) -> Batch:
        made = table(some_rows(3) if rows is None else rows)
        return uploaded(user, made if content is None else content, **options)

    return upload_for


@pytest.fixture
def paid(upload: UploadFor) -> UploadFor:
    """Like `upload`, and the price is paid; nothing is scored yet."""

    def pay(user: User, *arguments: object, **options: object) -> Batch:
        batch = upload(user, *arguments, **options)
        give_money(user, batch.price or 0)
        return confirm_batch(batch)

    return pay


@pytest.fixture
def own_files(tmp_path: Path, settings: Settings) -> Path:
    """A folder of files of the test's own; that of the batches is returned. `FILES_DIR` is its parent."""
    folder = tmp_path / "files" / "batches"
    settings.INCOMING_DIR = tmp_path / "files" / "incoming"
    own = {**settings.BATCH_STORAGE, "OPTIONS": {"location": str(folder)}}
    settings.STORAGES = {**settings.STORAGES, "batches": own}
    return folder


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two rows in a chunk, or three."""
    monkeypatch.setattr(intake, "BLOCK_CHARACTERS", 150)


def score_all() -> None:
    """Do what workers of files would do."""
    while scoring.work():
        pass


def now(batch: Batch) -> Batch:
    return Batch.objects.with_progress().get(pk=batch.pk)


def rows_of(batch: Batch) -> list[dict[str, str]]:
    """The rows of the file of results."""
    text = b"".join(files.results(now(batch))).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def stored_files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
