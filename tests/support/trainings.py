"""Trainings on made-up loans, in folders of the test's own."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from pytest_django import Settings

from accounts.models import User
from predictions.lifecycle import trainings
from predictions.models import TrainingRun
from predictions.scoring import artifacts

QueueTraining: TypeAlias = Callable[..., TrainingRun]
SCORECARD = "logistic-regression"


def own_csv(rows: int = 1_500, seed: int = 11) -> bytes:
    """A file of made-up loans with outcomes."""
    # Imported here, because most tests do not need it.
    from predictions.training.synthetic import synthetic_frame

    return bytes(synthetic_frame(rows, seed).to_csv(index=False).encode())


@pytest.fixture
def own_versions(own_copy: Path, tmp_path: Path, settings: Settings) -> Iterator[Path]:
    """The folder of the versions that this installation has trained itself; it is not there yet."""
    settings.ARTIFACTS_DIR = own_copy
    settings.VERSIONS_DIR = tmp_path / "versions"
    settings.FILES_DIR = tmp_path / "files"
    artifacts.add_own_folder(own_copy, settings.VERSIONS_DIR)
    yield settings.VERSIONS_DIR
    artifacts.add_own_folder(own_copy, tmp_path / "none")


@pytest.fixture
def queue_training(own_versions: Path, operator: User, catalog: None) -> QueueTraining:
    """`queue_training()`: a quick training of the scorecard waits."""

    def queue(content: bytes | None = None, **asked: object) -> TrainingRun:
        values: dict[str, object] = {
            "slugs": [SCORECARD],
            "effort": "quick",
            "share_percent": 0,
            "operator": operator,
            "reason": "loans of last year",
            **asked,
        }
        return trainings.queue([own_csv() if content is None else content], **values)  # type: ignore[arg-type]

    return queue
