"""A refund returns what was charged or a part of it, and never another amount."""

import pytest
from django.db import transaction

from accounts.models import User
from billing import services
from billing.models import Entry
from tests.support.people import give_money


def charged(user: User) -> Entry:
    give_money(user, 10_00)
    with transaction.atomic():
        return services.charge(user=user, amount=6_00, request_key="order")


@pytest.mark.parametrize("amount", [-1, 0, 6_01])
def test_other_amounts_are_refused(alice: User, amount: int) -> None:
    charge, before = charged(alice), services.wallet_of(alice).balance
    with transaction.atomic(), pytest.raises(ValueError, match="cannot be refunded"):
        services.refund(charge, amount=amount)
    assert services.wallet_of(alice).balance == before


def test_only_charges_are_refunded(alice: User) -> None:
    with transaction.atomic():
        refund = services.refund(charged(alice))
    with transaction.atomic(), pytest.raises(ValueError, match="cannot be refunded"):
        services.refund(refund)


@pytest.mark.parametrize(("amount", "returned"), [(None, 6_00), (1, 1), (6_00, 6_00)])
def test_a_part_is_refunded_once(alice: User, amount: int | None, returned: int) -> None:
    charge = charged(alice)
    with transaction.atomic():
        assert services.refund(charge, amount=amount).amount == returned
    with transaction.atomic(), pytest.raises(services.AlreadyRefunded):
        services.refund(charge, amount=1)
