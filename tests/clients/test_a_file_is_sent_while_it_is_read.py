"""The form that uploads a file, as Django reads it."""

from io import BytesIO
from pathlib import Path

import pytest
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http.multipartparser import MultiPartParser

from creditscore_client.batches import _Form


@pytest.mark.parametrize("size", [0, 1, 300_000])
def test_a_form(tmp_path: Path, size: int) -> None:
    source = tmp_path / 'my "loans"\\.csv'
    source.write_bytes(b"\r\n--" * (size // 4) + b"x" * (size % 4))
    form = _Form({"model": "catboost", "label": "Договор 118"}, source)
    for _attempt in range(2):
        with form.open() as body:
            meta = {"CONTENT_TYPE": form.content_type, "CONTENT_LENGTH": form.length}
            sent = BytesIO(body.read())
        assert len(sent.getvalue()) == form.length
        fields, files = MultiPartParser(meta, sent, [MemoryFileUploadHandler()]).parse()
        assert fields.dict() == {"model": "catboost", "label": "Договор 118"}
        uploaded = files["file"]
        assert isinstance(uploaded, UploadedFile)
        assert uploaded.name == "my _loans__.csv"
        assert uploaded.read() == source.read_bytes()
