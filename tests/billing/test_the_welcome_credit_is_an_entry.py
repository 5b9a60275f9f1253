from concurrent.futures import ThreadPoolExecutor

from django.db import connections
from pytest_django import Settings

from accounts.models import User
from billing import services
from billing.models import Entry, Wallet
from tests.support.people import ApiClientFor


def test_it_is_there_once(transactional_db: None, alice: User, settings: Settings) -> None:
    settings.WELCOME_CREDIT = 500_00

    def balance(_number: int) -> int:
        try:
            return services.wallet_of(alice).balance
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(balance, range(8))) == {500_00}
    entry = Entry.objects.get()
    assert (entry.kind, entry.amount, entry.balance_after) == ("bonus", 500_00, 500_00)
    assert Wallet.objects.count() == 1


def test_there_is_none_by_default(alice: User, api: ApiClientFor) -> None:
    assert api(alice).get("/api/v1/balance/").json() == {"balance": "0.00", "currency": "USD"}
    assert not Entry.objects.exists()
