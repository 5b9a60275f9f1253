"""The web server unpacks no large workbook: that takes seconds. A worker says what is wrong with it."""

import io
from zipfile import ZipFile

import pytest

from accounts.models import User
from tests.support.batches import UploadFor, now, score_all


@pytest.fixture
def archive() -> bytes:
    """No workbook, but an archive."""
    file = io.BytesIO()
    with ZipFile(file, "w") as made:
        made.writestr("readme.txt", "x")
    return file.getvalue()


def test_it_is_taken_and_refused_later(
    alice: User, upload: UploadFor, archive: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("predictions.orders.uploads.SMALL_BYTES", 10)
    batch = upload(alice, content=archive)
    assert batch.status == "validating"
    score_all()
    batch = now(batch)
    assert (batch.status, batch.failure, batch.charge_id) == ("failed", "unusable_file", None)
    assert batch.failure_message
    assert batch.failure_message["message"].startswith("the workbook cannot be read")
