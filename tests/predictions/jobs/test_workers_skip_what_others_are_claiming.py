"""Two workers that look at the same time claim different rows, and neither waits for the other."""

from contextlib import closing

import psycopg2
import pytest
from django.db import connection

from accounts.models import User
from predictions.jobs import worker
from predictions.models import Prediction
from tests.support.database import database_url
from tests.support.orders import OrderFor
from tests.support.people import give_money


@pytest.mark.skipif(
    connection.vendor == "sqlite", reason="SQLite has no lock of a row that another could hold"
)
@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_locked_is_left_to_who_has_locked_it(alice: User, order: OrderFor) -> None:
    give_money(alice, 100_00)
    first, second = order(alice), order(alice)
    with closing(psycopg2.connect(database_url())) as other:
        lock = "SELECT 1 FROM predictions_prediction WHERE id = %s FOR UPDATE"
        other.cursor().execute(lock, [str(first.pk)])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '1s'")
        try:
            claimed = worker.claim(Prediction.objects.queued(), 2)
        finally:
            connection.close()
    assert [row.pk for row in claimed] == [second.pk]
