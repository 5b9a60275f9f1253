import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing import services
from billing.models import Entry
from tests.support.people import give_money


def adjust(browser: Client, user: User, typed: str) -> str:
    """Send the form; return the page that comes back, or "" if it was accepted."""
    address = reverse("admin:billing_wallet_adjust", args=[services.wallet_of(user).pk])
    sent = {"amount": typed, "reason": "test", "request_key": services.new_request_key()}
    response = browser.post(address, sent)
    return "" if response.status_code == 302 else response.content.decode()


@pytest.fixture
def operators(client: Client, operator: User, alice: User) -> Client:
    """The operator's browser; alice has 2,000,000.00."""
    for _number in range(20):
        give_money(alice, 100_000_00)
    client.force_login(operator)
    return client


@pytest.mark.parametrize("typed", ["1000000", "-1000000", "0.01", "-0.01"])
def test_the_bounds_are_allowed(operators: Client, alice: User, typed: str) -> None:
    assert not adjust(operators, alice, typed)
    assert Entry.objects.get(kind="adjustment").amount == round(float(typed) * 100)


@pytest.mark.parametrize("typed", ["1000000.01", "-1000000.01", "10000000", "-10000000", "0", "0.00"])
def test_beyond_them_nothing_is_booked(operators: Client, alice: User, typed: str) -> None:
    assert "Enter an amount from −1,000,000 to 1,000,000, except 0." in adjust(operators, alice, typed)
    assert not Entry.objects.filter(kind="adjustment").exists()
