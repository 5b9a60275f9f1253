from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from predictions.jobs import worker
from predictions.models import Prediction
from predictions.results import explanations
from tests.support.messages import empty_queue
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import StartWorker, wait_for
from tests.support.web import WebServer


@pytest.mark.django_db(transaction=True)
def test_the_web_role_wakes_workers_for_what_was_left(
    alice: User, order: OrderFor, start_worker: StartWorker, tmp_path: Path
) -> None:
    """An order's worker has died, and the message about a requested explanation was lost."""
    give_money(alice, 100_00)
    done, left = order(alice), order(alice)
    worker.score_claimed(worker.claim(Prediction.objects.filter(pk=done.pk), 1))
    done.refresh_from_db()
    assert explanations.request(done)
    assert worker.claim(Prediction.objects.filter(pk=left.pk), 1)
    Prediction.objects.running().update(claimed_at=timezone.now() - settings.LEASE - timedelta(seconds=1))
    empty_queue("orders")

    start_worker()
    web = WebServer(tmp_path / "web.log", MONITOR_SECONDS="1")
    try:
        wait_for(lambda: not Prediction.objects.pending().exists())
        wait_for(lambda: not Prediction.objects.to_explain().exists())
    finally:
        web.stop()
    left.refresh_from_db()
    assert (left.status, left.attempts) == ("succeeded", 2)
    assert "will be tried again" not in web.printed
