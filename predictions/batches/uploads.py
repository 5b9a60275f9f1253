"""How files in requests are received: written to disk piece by piece, never held in memory."""

import tempfile
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile
from django.core.files.uploadedfile import UploadedFile as DjangoFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler

from predictions.batches import store


class Upload(TemporaryUploadedFile):
    """`is_cut`: the disk was full, so the rest of the file was dropped."""

    is_cut = False

    def __init__(self, name: str, content_type: str, charset: str | None, extra: Any) -> None:
        # Not in the system's temporary folder, which may be in memory.
        folder = store.incoming_folder()
        # Closed by `close`, which deletes it.
        file = tempfile.NamedTemporaryFile(suffix=".upload", dir=folder)  # noqa: SIM115
        DjangoFile.__init__(self, file, name, content_type, 0, charset, extra)


class DiskUploadHandler(TemporaryFileUploadHandler):
    """Writes files into `INCOMING_DIR`.

    A full disk is noted in the file and not raised here, where middleware reads the form that it is in.
    """

    file: Upload

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = Upload(str(self.file_name), str(self.content_type), self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self.file.is_cut:
            return
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            self._note(error)

    def file_complete(self, file_size: int) -> Upload:
        try:
            # What is still in a buffer is written now.
            super().file_complete(file_size)
        except OSError as error:
            self._note(error)
        return self.file

    def _note(self, error: OSError) -> None:
        """Raises `error` unless the disk is full."""
        if error.errno not in store.FULL:
            raise error
        self.file.is_cut = True
