"""A worker's process scores in two threads, and a row that kills it must not cost other rows an attempt."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connections
from pytest_django import Settings

from accounts.models import User
from predictions.jobs import worker
from predictions.models import Prediction
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)
NOTICE_SECONDS = 2


@contextmanager
def unreadable(file: Path) -> Iterator[None]:
    """Whoever reads the file waits until the end."""
    file.unlink()
    os.mkfifo(file)
    yield
    file.write_bytes(b"")


def score_in_a_thread() -> threading.Thread:
    def score() -> None:
        worker.look_for_orders()
        connections.close_all()

    thread = threading.Thread(target=score, daemon=True)
    thread.start()
    return thread


def test_nothing_is_claimed_beside_a_row_that_is_tried_again(
    alice: User, order: OrderFor, own_copy: Path, settings: Settings
) -> None:
    settings.ARTIFACTS_DIR = own_copy
    give_money(alice, 1000_00)
    suspect = order(alice, "random-forest")
    Prediction.objects.filter(pk=suspect.pk).update(attempts=1)
    fresh = order(alice)
    [model] = own_copy.glob(f"random-forest/{suspect.model_version}/*.onnx")
    with unreadable(model):
        task = score_in_a_thread()
        wait_for(lambda: Prediction.objects.running().filter(pk=suspect.pk).exists())
        looking = score_in_a_thread()
        looking.join(NOTICE_SECONDS)
        fresh.refresh_from_db()
        meanwhile = fresh.status, fresh.attempts
    for thread in (task, looking):
        thread.join()
    assert meanwhile == ("queued", 0)
    fresh.refresh_from_db()
    assert (fresh.status, fresh.attempts) == ("succeeded", 1)
