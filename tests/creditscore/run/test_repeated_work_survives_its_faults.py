import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

from accounts.models import User
from creditscore.run.repeated import Repeated
from tests.support.processes import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


class Work:
    """Asks the database each time; the first two times for a table that does not exist."""

    def __init__(self) -> None:
        self.calls = 0
        self.succeeded = threading.Event()
        self.used: BaseDatabaseWrapper | None = None

    def __call__(self) -> bool:
        self.calls += 1
        self.used = connection._connections[connection._alias]  # type: ignore[attr-defined]
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1" if self.calls > 2 else "SELECT * FROM no_such_table")
        User.objects.exists()
        self.succeeded.set()
        return False


@pytest.fixture
def work() -> Iterator[Work]:
    work = Work()
    repeated = Repeated("a test", 0.01, work)
    yield work
    repeated.stop()
    calls = work.calls
    assert not repeated._thread.is_alive()
    assert work.calls == calls


def test_it_goes_on_after_an_error_of_the_database(work: Work) -> None:
    assert work.succeeded.wait(20)


def test_it_keeps_no_connection_between_two_calls(work: Work) -> None:
    assert work.succeeded.wait(20)
    assert work.used
    wait_for(lambda: work.used is not None and work.used.connection is None)
