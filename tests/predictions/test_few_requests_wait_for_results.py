"""Each request that waits occupies a thread of the web role, which others need."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.models import User
from predictions import selectors
from predictions.jobs.worker import score_queued
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.processes import wait_for

WAITING = 6


@pytest.mark.django_db(transaction=True)
def test_one_too_many_is_answered_at_once(alice: User, order: OrderFor) -> None:
    give_money(alice, 10_00)
    pk = order(alice).pk

    def wait() -> str:
        try:
            return selectors.wait_for_result(alice, pk, 60).status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(WAITING) as pool:
        waiting = [pool.submit(wait) for _number in range(WAITING)]
        wait_for(lambda: selectors._wait_slots._value == 0)
        # If it waited as well, the others would have waited in vain.
        assert selectors.wait_for_result(alice, pk, 60).status == "queued"
        score_queued()
        assert [one.result() for one in waiting] == ["succeeded"] * WAITING
    assert selectors._wait_slots._value == WAITING
