"""A task that ends by an unexpected error is counted: here, one that lacks an argument."""

import pytest

from accounts.tasks import mail_reset_links
from predictions import tasks
from tests.support.metrics import Counted


@pytest.mark.django_db
def test_a_task_that_fails(counted: Counted) -> None:
    assert tasks.housekeeping.apply().successful()
    assert counted("creditscore_failures_total") == 0
    assert mail_reset_links.apply(("alice@example.org",)).failed()
    assert counted("creditscore_failures_total", kind="task") == counted("creditscore_failures_total") == 1
