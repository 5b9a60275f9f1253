from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import User
from billing import services
from billing.models import Entry, Wallet


def test_with_its_credit_under_a_key_of_its_own(alice: User, settings: Settings) -> None:
    settings.WELCOME_CREDIT = 5_00
    for _twice in range(2):
        assert services.wallet_of(alice).balance == 5_00
    assert Wallet.objects.count() == 1
    entry = Entry.objects.get()
    assert (entry.kind, entry.amount, entry.request_key, entry.note) == ("bonus", 5_00, "welcome", "")


def test_and_is_only_read_from_then_on(alice: User) -> None:
    """A transaction would take the write lock of SQLite."""
    services.wallet_of(alice)
    with CaptureQueriesContext(connection) as queries:
        services.wallet_of(alice)
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"]
