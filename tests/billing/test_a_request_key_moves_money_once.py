from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from accounts.models import User
from billing import payments, services
from billing.models import Entry


def top_up(user: User, amount: int = 500, key: str = "key") -> Entry:
    return services.top_up(user=user, amount=amount, request_key=key)


def adjust(user: User, operator: User, amount: int, key: str = "key") -> Entry:
    return services.adjust(user=user, amount=amount, reason="test", operator=operator, request_key=key)


def test_a_second_top_up_gives_the_first_entry(alice: User) -> None:
    assert top_up(alice) == top_up(alice)
    assert services.wallet_of(alice).balance == 500


def test_parallel_top_ups_book_once(transactional_db: None, alice: User) -> None:
    def book(_number: int) -> int:
        try:
            return top_up(alice).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        assert len(set(pool.map(book, range(20)))) == 1
    assert services.wallet_of(alice).balance == 500


def test_an_adjustment_that_took_everything_is_not_refused_the_second_time(
    alice: User, operator: User
) -> None:
    top_up(alice, key="other")
    assert adjust(alice, operator, -500) == adjust(alice, operator, -500)
    assert services.wallet_of(alice).balance == 0


def test_a_key_cannot_mean_two_things(alice: User, operator: User) -> None:
    top_up(alice)
    with pytest.raises(services.RequestKeyReused):
        top_up(alice, amount=600)
    with pytest.raises(services.RequestKeyReused):
        adjust(alice, operator, 500)
    assert services.wallet_of(alice).balance == 500


def test_a_key_that_is_used_asks_the_provider_for_nothing(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def pay(_provider: object, *, amount: int, request_key: str) -> payments.Paid:
        asked.append((amount, request_key))
        return payments.Paid("paid")

    monkeypatch.setattr(payments.InstantTestProvider, "pay", pay)
    assert top_up(alice).note == "paid"
    top_up(alice)
    with pytest.raises(services.RequestKeyReused):
        top_up(alice, amount=600)
    assert asked == [(500, f"{services.wallet_of(alice).pk}:key")]


def test_keys_of_two_people_do_not_meet(alice: User, bob: User) -> None:
    assert top_up(alice).wallet != top_up(bob).wallet
    assert services.wallet_of(bob).balance == 500
