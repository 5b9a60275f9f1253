"""One training at a time; canceled, refused, killed or stopped, it ends once, and its file is deleted."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from accounts.models import User
from predictions import tasks
from predictions.lifecycle import training_process, trainings
from predictions.models import Challenge, TrainingRun
from predictions.scoring import artifacts
from tests.support.trainings import SCORECARD, QueueTraining, own_csv

Status = TrainingRun.Status


def now(run: TrainingRun) -> TrainingRun:
    return TrainingRun.objects.get(pk=run.pk)


def files() -> list[str]:
    return [path.name for path in (configured.FILES_DIR / "training").glob("*")]


@pytest.fixture
def started() -> Iterator[list[int]]:
    """Ids of the processes that train; they are this process's children."""
    yield []
    training_process.stopping.clear()


def children() -> list[int]:
    """Return the processes of trainings that this process has started."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == os.getpid() and b"predictions.training.job" in command:
            found.append(int(folder.name))
    return found


def while_it_runs(act: Callable[[], object]) -> None:
    """Train in a thread, and do something as soon as the process is there."""

    def train() -> None:
        try:
            training_process.run_next()
        finally:
            connections.close_all()

    thread = threading.Thread(target=train)
    thread.start()
    while not children():
        time.sleep(0.05)
    act()
    thread.join(120)
    assert not thread.is_alive()
    assert not children()


def test_a_refusal_is_stored_with_what_was_found_and_the_file_is_deleted(
    queue_training: QueueTraining, own_versions: Path
) -> None:
    content = own_csv().replace(b"loan_status", b"outcome")
    run = queue_training(content)
    assert files() == [f"{run.pk}.csv"]
    assert (configured.FILES_DIR / "training" / f"{run.pk}.csv").stat().st_mode & 0o777 == 0o600
    assert training_process.run_next()
    run = now(run)
    assert (run.status, run.refusal["code"]) == (Status.REFUSED, "missing_columns")
    assert run.ended_at
    assert not files()
    assert not own_versions.exists()
    assert not training_process.run_next()


@pytest.mark.django_db(transaction=True)
def test_a_training_that_is_canceled_while_it_runs_is_killed(
    queue_training: QueueTraining, own_versions: Path
) -> None:
    run = queue_training()
    while_it_runs(lambda: trainings.cancel(run))
    assert now(run).status == Status.CANCELED
    assert not files()
    assert not own_versions.exists()


@pytest.mark.django_db(transaction=True)
def test_a_process_that_is_killed_fails_its_training(queue_training: QueueTraining) -> None:
    run = queue_training()
    while_it_runs(lambda: os.kill(children()[0], 9))
    assert (now(run).status, now(run).problem) == (Status.FAILED, "died")
    assert not files()


@pytest.mark.django_db(transaction=True)
def test_a_trainer_that_is_stopped_leaves_its_training_to_the_next(
    queue_training: QueueTraining, started: list[int]
) -> None:
    run = queue_training()
    while_it_runs(training_process.stopping.set)
    assert (now(run).status, now(run).progress) == (Status.QUEUED, 0)
    assert files() == [f"{run.pk}.csv"]
    assert not training_process.run_next()


def test_a_trainer_that_has_died_is_found_by_the_monitor(queue_training: QueueTraining) -> None:
    run, waiting = queue_training(), queue_training()
    assert trainings.claim()
    assert trainings.settle() == {"trainings_died": 0, "trainings_queued": 1}
    TrainingRun.objects.filter(pk=run.pk).update(claimed_until=timezone.now() - timedelta(seconds=1))
    report = tasks.monitor()
    assert (report["trainings_died"], report["trainings_queued"]) == (1, 1)
    assert (now(run).status, now(run).problem) == (Status.FAILED, "died")
    assert files() == [f"{waiting.pk}.csv"]
    # What the dead one would still tell is not stored.
    stale = now(run)
    stale.claim = None
    assert not trainings.renew(stale, progress=50)
    assert not trainings.end(stale, Status.COMPLETED)


def test_one_runs_at_a_time_and_the_oldest_is_next(queue_training: QueueTraining) -> None:
    first, second = queue_training(), queue_training()
    claimed = trainings.claim()
    assert claimed == first
    assert trainings.claim() is None
    with pytest.raises(IntegrityError), transaction.atomic():
        TrainingRun.objects.filter(pk=second.pk).update(status=Status.RUNNING)
    assert trainings.cancel(first)
    assert not trainings.cancel(first)
    assert trainings.claim() == second


def test_a_file_that_is_away_fails_its_training(queue_training: QueueTraining) -> None:
    run = queue_training()
    trainings.file_of(run.pk).unlink()
    assert training_process.run_next()
    assert (now(run).status, now(run).problem) == (Status.FAILED, "file_away")


def test_without_its_packages_it_says_which_are_missing(
    queue_training: QueueTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training_process, "NEEDED", ("no_such_package",))
    run = queue_training()
    assert training_process.run_next()
    assert "Packages that training needs are missing" in now(run).get_problem_display()
    assert not files()


def test_a_file_that_is_too_large_is_not_kept(
    queue_training: QueueTraining, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainings, "MAX_BYTES", 1000)
    with pytest.raises(trainings.TooLarge):
        queue_training()
    assert not files()
    assert not TrainingRun.objects.exists()


def test_few_wait(queue_training: QueueTraining) -> None:
    for _number in range(trainings.MAX_QUEUED):
        queue_training(b"x")
    with pytest.raises(trainings.TooManyQueued):
        queue_training(b"x")
    assert len(files()) == trainings.MAX_QUEUED


def test_files_without_a_training_are_deleted_after_a_while(queue_training: QueueTraining) -> None:
    run = queue_training()
    left = trainings.file_of(run.pk).with_name("00000000-0000-0000-0000-000000000000.csv")
    left.write_bytes(b"x")
    assert trainings.clean() == 0
    for path in (left, trainings.file_of(run.pk)):
        os.utime(path, (0, 0))
    assert tasks.clean_files()["training_files"] == 1
    assert files() == [f"{run.pk}.csv"]


def test_a_version_challenges_only_where_none_does(
    queue_training: QueueTraining, operator: User, own_versions: Path
) -> None:
    first, second = queue_training(share_percent=20), queue_training(own_csv(seed=12), share_percent=30)
    assert training_process.run_next()
    assert training_process.run_next()
    assert (now(first).versions, now(first).challengers) == ({SCORECARD: "2.0.1"}, [SCORECARD])
    assert (now(second).versions, now(second).challengers) == ({SCORECARD: "2.0.2"}, [])
    challenge = Challenge.objects.get()
    assert (challenge.version, challenge.share_percent, challenge.begun_by) == ("2.0.1", 20, operator)
    listed = [ref.version for ref in artifacts.versions(configured.ARTIFACTS_DIR, SCORECARD)]
    assert listed[:3] == ["2.0.2", "2.0.1", "2.0.0"]
    assert now(first).found[0]["code"] == "rows"
