import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing import services
from billing.models import Entry
from tests.support.people import give_money


@pytest.mark.parametrize(
    ("typed", "language", "booked"),
    [
        ("−1,050.00 USD", "en", -1050_00),
        ("−1\u00a0050,00\u00a0USD", "ru", -1050_00),
        ("-1,050", "en", -1050_00),
        ("$5", "en", 5_00),
    ],
)
def test_an_operator_can_enter_what_the_ledger_shows(
    client: Client, operator: User, alice: User, typed: str, language: str, booked: int
) -> None:
    give_money(alice, 2000_00)
    client.force_login(operator)
    address = reverse("admin:billing_wallet_adjust", args=[services.wallet_of(alice).pk])
    sent = {"amount": typed, "reason": "test", "request_key": services.new_request_key()}
    assert client.post(address, sent, headers={"Accept-Language": language}).status_code == 302
    assert Entry.objects.get(kind="adjustment").amount == booked


@pytest.mark.parametrize("typed", ["1e3", "+5", "1.000", "12,34.50", "-0", "−0.00", "(5)"])
def test_other_texts_adjust_nothing(client: Client, operator: User, alice: User, typed: str) -> None:
    give_money(alice, 2000_00)
    client.force_login(operator)
    address = reverse("admin:billing_wallet_adjust", args=[services.wallet_of(alice).pk])
    sent = {"amount": typed, "reason": "test", "request_key": services.new_request_key()}
    assert client.post(address, sent).status_code == 200
    assert not Entry.objects.filter(kind="adjustment").exists()
