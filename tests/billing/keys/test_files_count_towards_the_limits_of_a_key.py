"""A file is paid with an API key like an order: its price counts on the day, and its refund is taken off."""

import pytest

from accounts.models import User
from billing.keys.usage import DailyLimitReached
from billing.models import Entry, KeyDay
from predictions.models import Batch
from predictions.orders.batches import cancel_batch, confirm_batch
from tests.support.batches import table, uploaded
from tests.support.keys import KeyFor, program
from tests.support.people import give_money
from tests.support.scored_files import some_rows


@pytest.fixture
def quoted(alice: User, catalog: None) -> Batch:
    give_money(alice, 1000_00)
    return uploaded(alice, table(some_rows(3)))


def test_its_price_and_its_refund(quoted: Batch, new_key: KeyFor, alice: User) -> None:
    key = new_key(alice).key
    paid = confirm_batch(quoted, api_key=key)
    assert (KeyDay.objects.get().orders, KeyDay.objects.get().spent) == (1, quoted.price)
    assert Entry.objects.get(kind="charge").api_key == key
    cancel_batch(paid)
    assert KeyDay.objects.get().spent == 0


def test_more_than_is_left_is_not_charged(quoted: Batch, new_key: KeyFor, alice: User) -> None:
    assert quoted.price
    key = new_key(alice, daily_limit=quoted.price - 1)
    answer = program(key).post(f"/api/v1/batches/{quoted.pk}/confirm/", {}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (402, "daily_limit_reached")
    quoted.refresh_from_db()
    assert (quoted.status, quoted.charge) == ("quoted", None)
    assert not Entry.objects.filter(kind="charge").exists()
    with pytest.raises(DailyLimitReached):
        confirm_batch(quoted, api_key=key.key)
