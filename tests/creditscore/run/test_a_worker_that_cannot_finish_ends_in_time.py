import os
import signal
from pathlib import Path

import pytest

from accounts.models import User
from accounts.tasks import mail_reset_links
from tests.support.mail_servers import SlowMailServer
from tests.support.messages import waiting_messages
from tests.support.processes import WAIT_SECONDS, StartWorker, wait_for


def runs(pid: int) -> bool:
    """Whether there is such a process; one that has ended and waits for its parent to look does not count."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] not in "ZX"
    except OSError:
        return False


@pytest.mark.django_db(transaction=True)
def test_its_children_end_with_it_and_its_mail_is_left_to_the_next(
    start_worker: StartWorker, slow_mail_server: SlowMailServer, alice: User
) -> None:
    worker = start_worker(concurrency=2, EMAIL_URL=slow_mail_server.url)
    for language in ("ru", "en", "ru"):
        mail_reset_links.delay(alice.email, language)
    assert slow_mail_server.asked.wait(WAIT_SECONDS)
    frozen, other = worker.children
    os.kill(frozen, signal.SIGSTOP)
    os.kill(worker.pid, signal.SIGTERM)
    wait_for(lambda: not worker.alive)
    wait_for(lambda: not runs(frozen) and not runs(other))
    left = waiting_messages("outbound")
    assert sorted(left) == [[alice.email, "en"], [alice.email, "ru"], [alice.email, "ru"]]
