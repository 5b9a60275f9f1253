from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings as configured
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.jobs.monitor import settle_open
from predictions.models import Prediction
from tests.support.orders import OrderFor
from tests.support.people import give_money

# A database that cannot book the refund of one charge.
FAULT = {
    "sqlite": [
        """CREATE TRIGGER fault BEFORE INSERT ON billing_entry WHEN NEW.reverses_id = {charge}
           BEGIN SELECT RAISE(ABORT, 'no room on the disk'); END"""
    ],
    "postgresql": [
        """CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS
           $$ BEGIN RAISE EXCEPTION 'no room on the disk'; END $$""",
        """CREATE TRIGGER fault BEFORE INSERT ON billing_entry FOR EACH ROW
           WHEN (NEW.reverses_id = {charge}) EXECUTE FUNCTION fault()""",
    ],
}
MENDED = {"sqlite": "DROP TRIGGER fault", "postgresql": "DROP FUNCTION fault() CASCADE"}


@contextmanager
def no_refund_of(charge: Entry) -> Iterator[None]:
    with connection.cursor() as cursor:
        for statement in FAULT[connection.vendor]:
            cursor.execute(statement.format(charge=charge.pk))
        yield
        cursor.execute(MENDED[connection.vendor])


def test_the_order_stays_open_until_then_and_the_others_are_settled(alice: User, order: OrderFor) -> None:
    give_money(alice, 100_00)
    first, second, third = (order(alice) for _number in range(3))
    late = timezone.now() - configured.DEADLINE - timedelta(seconds=1)
    Prediction.objects.update(queued_at=late)
    with no_refund_of(second.charge):
        assert settle_open()["deadline_passed"] == 2
        assert settle_open()["deadline_passed"] == 0
    second.refresh_from_db()
    assert (second.status, second.finished_at) == ("queued", None)
    assert set(Prediction.objects.exclude(pk=second.pk).values_list("pk", "status")) == {
        (first.pk, "failed"),
        (third.pk, "failed"),
    }
    assert wallet_of(alice).balance == 90_00

    assert settle_open()["deadline_passed"] == 1
    assert wallet_of(alice).balance == 100_00
    assert Entry.objects.filter(kind="refund").count() == 3
    call_command("check_ledger")
