"""Where files of batches are kept: Django's storage "batches", a folder for each batch."""

import errno
import logging
import os
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import FileSystemStorage, Storage, storages

from accounts.errors import CustomerError

logger = logging.getLogger(__name__)

# What the system says of a disk that takes no more, and when it is tried again.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
PAUSE = timedelta(seconds=60)


class StorageFull(CustomerError):
    """The disk of the service takes no file now. Nothing was charged, and nothing that was stored is lost."""

    status = 507
    code = "insufficient_storage"
    retry_after = 300


class FilesDeleted(CustomerError):
    """The retention time of the batch is over."""

    status = 410
    code = "files_deleted"


class DurableStorage(FileSystemStorage):
    """Files that are on the disk when `save` returns: the database may refer to them then."""

    def _save(self, name: str, content: File[Any]) -> str:
        try:
            saved: str = super()._save(name, content)  # type: ignore[misc]  # not in the stubs
        except OSError:
            # What has been written until then would fill the disk further.
            Path(self.path(name)).unlink(missing_ok=True)
            raise
        for path in (Path(self.path(saved)), Path(self.path(saved)).parent):
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return saved


def save(batch: uuid.UUID, name: str, content: File[Any] | bytes) -> str:
    """Store a file of the batch and return its name in the storage. Raises `StorageFull`.

    Also if the disk cannot be written for another reason, such as a share that is away: what waits for the
    one waits for the other.
    """
    file = ContentFile(content) if isinstance(content, bytes) else content
    try:
        return _storage().save(f"{batch}/{name}", file)
    except OSError as error:
        raise unwritable(error) from error


def unwritable(error: OSError) -> StorageFull:
    """Log what the system says of a disk that cannot be written; return what is to be raised."""
    # Without the name of the file.
    logger.error("a file cannot be stored: %s", error.strerror or type(error).__name__)
    return StorageFull()


def opened(name: str) -> BinaryIO:
    """Open a stored file for reading. Raises `FilesDeleted`."""
    try:
        file: Any = _storage().open(name, "rb")
    except FileNotFoundError as error:
        raise FilesDeleted from error
    return file  # type: ignore[no-any-return]


def read(name: str) -> bytes:
    with opened(name) as file:
        return file.read()


def delete(*names: str) -> None:
    """Delete files. One that cannot be deleted now goes with its batch, when that is cleaned up."""
    for name in filter(None, names):
        try:
            _storage().delete(name)
        except OSError as error:
            logger.error("a file cannot be deleted now: %s", error.strerror or type(error).__name__)


def delete_all(batch: uuid.UUID) -> None:
    """Delete all files of the batch, those too that no row knows."""
    storage = _storage()
    try:
        _folders, files = storage.listdir(str(batch))
    except FileNotFoundError:
        return
    for file in files:
        storage.delete(f"{batch}/{file}")
    storage.delete(str(batch))


def batches() -> Iterator[tuple[uuid.UUID, datetime]]:
    """Yield the batches that have a folder, with the time at which a file was last added to it."""
    storage = _storage()
    try:
        folders, _files = storage.listdir("")
    except FileNotFoundError:
        return
    for folder in folders:
        yield uuid.UUID(folder), storage.get_modified_time(folder)


def incoming_folder() -> Path:
    """Return the folder of uploads that are not complete yet; creates it."""
    folder: Path = settings.INCOMING_DIR
    folder.mkdir(mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS, parents=True, exist_ok=True)
    return folder


def _storage() -> Storage:
    return storages["batches"]
