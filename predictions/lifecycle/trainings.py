"""Trainings: asked for, canceled, claimed, and ended. Each change is one conditional UPDATE.

The file of a training is deleted when it ends, in whatever way. What trains is in `training_process`.
"""

import hashlib
import logging
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from predictions.models import TrainingRun

logger = logging.getLogger(__name__)

MAX_BYTES = 20_000_000
# Trainings that wait.
MAX_QUEUED = 5
# Longer than the check of a version may take.
LEASE = timedelta(seconds=120)
# A file without an open training, after this time.
ABANDONED_AFTER = timedelta(hours=1)
Status, Problem = TrainingRun.Status, TrainingRun.Problem


class NotQueued(Exception):
    """The training was not queued; nothing is stored."""


class TooLarge(NotQueued):
    """The file has more than `MAX_BYTES`."""


class TooManyQueued(NotQueued):
    """Others wait already."""


class DiskFull(NotQueued):
    """The file cannot be stored."""


def queue(
    chunks: Iterable[bytes],
    *,
    slugs: Sequence[str],
    effort: str,
    share_percent: int,
    operator: User,
    reason: str,
) -> TrainingRun:
    """Store the file under a random name, and queue a training on it. Raises `NotQueued`.

    The caller must wake the trainer.
    """
    if TrainingRun.objects.filter(status=Status.QUEUED).count() >= MAX_QUEUED:
        raise TooManyQueued
    key = uuid.uuid4()
    try:
        size, sha256 = _store(file_of(key), chunks)
        return TrainingRun.objects.create(
            pk=key,
            slugs=list(slugs),
            effort=effort,
            share_percent=share_percent,
            created_by=operator,
            reason=reason,
            data_sha256=sha256,
            data_bytes=size,
        )
    except BaseException as error:
        file_of(key).unlink(missing_ok=True)
        if isinstance(error, OSError):
            logger.error("the file of a training cannot be stored: %s", error.strerror)
            raise DiskFull from error
        raise


def cancel(run: TrainingRun) -> bool:
    """End an open training; one that runs is killed within seconds. False if it has ended already."""
    rows = TrainingRun.objects.filter(pk=run.pk, status__in=TrainingRun.OPEN)
    canceled = rows.update(status=Status.CANCELED, ended_at=timezone.now(), claim=None)
    if canceled:
        delete_file(run.pk)
    return bool(canceled)


def claim() -> TrainingRun | None:
    """Begin the training that waits longest, for a while; None if none waits, or another one runs."""
    waiting = TrainingRun.objects.filter(status=Status.QUEUED).order_by("created_at", "pk").first()
    if waiting is None:
        return None
    now, key = timezone.now(), uuid.uuid4()
    try:
        with transaction.atomic():
            claimed = TrainingRun.objects.filter(pk=waiting.pk, status=Status.QUEUED).update(
                status=Status.RUNNING, claim=key, claimed_until=now + LEASE, begun_at=now, progress=0, step={}
            )
    except IntegrityError:
        # Another one runs.
        return None
    return TrainingRun.objects.get(pk=waiting.pk) if claimed else None


def renew(run: TrainingRun, **told: Any) -> bool:
    """Store progress, and keep the claim; False if the training was canceled or taken away."""
    return bool(_claimed(run).update(claimed_until=timezone.now() + LEASE, **told))


def end(run: TrainingRun, status: str, **result: Any) -> bool:
    """Store how the training has ended; False if somebody else has ended it."""
    ended = _claimed(run).update(status=status, ended_at=timezone.now(), claim=None, **result)
    if ended:
        delete_file(run.pk)
        logger.info("training %s: %s", run.pk, status)
    return bool(ended)


def give_back(run: TrainingRun) -> bool:
    """Queue the training again: its trainer is stopped, and the next one begins it anew."""
    return bool(_claimed(run).update(status=Status.QUEUED, claim=None, progress=0, step={}))


def settle() -> dict[str, int]:
    """Fail trainings whose process has died; return the counts. If some are `queued`, wake the trainer."""
    now = timezone.now()
    died = TrainingRun.objects.filter(status=Status.RUNNING, claimed_until__lt=now)
    keys = list(died.values_list("pk", flat=True))
    failed = died.filter(pk__in=keys).update(
        status=Status.FAILED, problem=Problem.DIED, ended_at=now, claim=None
    )
    for key in keys if failed else ():
        delete_file(key)
    return {
        "trainings_died": failed,
        "trainings_queued": TrainingRun.objects.filter(status=Status.QUEUED).count(),
    }


def clean() -> int:
    """Delete files without an open training, such as those of a process that has died; return the count."""
    rows = TrainingRun.objects.filter(status__in=TrainingRun.OPEN)
    open_ones = {str(key) for key in rows.values_list("pk", flat=True)}
    before = (timezone.now() - ABANDONED_AFTER).timestamp()
    old = [
        file
        for file in _folder().glob("*.csv")
        if file.stem not in open_ones and file.stat().st_mtime < before
    ]
    for file in old:
        file.unlink(missing_ok=True)
    return len(old)


def file_of(key: uuid.UUID) -> Path:
    return _folder() / f"{key}.csv"


def delete_file(key: uuid.UUID) -> None:
    try:
        file_of(key).unlink(missing_ok=True)
    except OSError as error:
        # `clean` does it later.
        logger.error("the file of a training cannot be deleted now: %s", error.strerror)


def _claimed(run: TrainingRun) -> Any:
    return TrainingRun.objects.filter(pk=run.pk, status=Status.RUNNING, claim=run.claim)


def _folder() -> Path:
    folder: Path = settings.FILES_DIR / "training"
    return folder


def _store(path: Path, chunks: Iterable[bytes]) -> tuple[int, str]:
    """Write the file, and return its size and SHA-256. Raises `TooLarge`, `OSError`."""
    path.parent.mkdir(mode=settings.FILE_UPLOAD_DIRECTORY_PERMISSIONS, parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
    path.touch(mode=settings.FILE_UPLOAD_PERMISSIONS)
    with path.open("wb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > MAX_BYTES:
                raise TooLarge
            digest.update(chunk)
            file.write(chunk)
    return size, digest.hexdigest()
