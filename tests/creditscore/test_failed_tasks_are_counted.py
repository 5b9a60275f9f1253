"""A task that ends by an unexpected error is counted."""

import uuid

import pytest

from predictions import tasks
from tests.support.metrics import Counted


@pytest.mark.django_db
def test_a_task_that_fails(counted: Counted) -> None:
    assert tasks.housekeeping.apply().successful()
    assert counted("creditscore_failures_total") == 0
    assert tasks.explain.apply((str(uuid.uuid4()),)).failed()
    assert counted("creditscore_failures_total", kind="task") == counted("creditscore_failures_total") == 1
