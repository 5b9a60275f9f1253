import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, models, transaction

from accounts.models import User
from billing import services
from billing.models import Entry, Wallet
from tests.support.people import give_money


@pytest.fixture
def entry(alice: User) -> Entry:
    return give_money(alice, 1000)


def test_the_database_refuses_an_update(entry: Entry) -> None:
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(amount=1_000_000)
    entry.refresh_from_db()
    assert entry.amount == 1000


def test_the_database_refuses_a_delete(entry: Entry) -> None:
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        entry.delete()
    assert Entry.objects.filter(pk=entry.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_what_would_empty_or_replace(entry: Entry) -> None:
    empty = {
        "postgresql": "TRUNCATE billing_entry CASCADE",
        "sqlite": "INSERT OR REPLACE INTO billing_entry SELECT * FROM billing_entry",
    }[connection.vendor]
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(empty)
    assert Entry.objects.filter(pk=entry.pk).exists()


def test_neither_wallet_nor_owner_can_be_deleted(entry: Entry, alice: User) -> None:
    with pytest.raises(models.ProtectedError):
        alice.delete()
    with pytest.raises(models.ProtectedError):
        Wallet.objects.get().delete()


@pytest.mark.parametrize(
    ("kind", "amount"),
    [("charge", 5), ("top_up", -5), ("bonus", -5), ("refund", 5), ("adjustment", 5), ("charge", 0)],
)
def test_the_database_refuses_a_sign_or_a_shape_that_does_not_fit(
    entry: Entry, kind: str, amount: int
) -> None:
    """A refund without what it reverses and an adjustment without an operator are among them."""
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.create(
            wallet=entry.wallet, kind=kind, amount=amount, balance_after=1000, request_key="forged"
        )


def test_a_charge_is_refunded_once(alice: User, entry: Entry) -> None:
    with transaction.atomic():
        charge = services.charge(user=alice, amount=400, request_key="key")
        services.refund(charge)
    with pytest.raises(services.AlreadyRefunded), transaction.atomic():
        services.refund(charge)
    assert services.wallet_of(alice).balance == 1000


def test_there_is_no_wallet_before_it_is_asked_for(bob: User) -> None:
    with pytest.raises(ObjectDoesNotExist):
        _ = bob.wallet
    assert services.wallet_of(bob).balance == 0
