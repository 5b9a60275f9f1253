import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from tests.support.orders import OrderFor
from tests.support.people import give_money


@pytest.fixture
def admin(operator: User, client: Client) -> Client:
    client.force_login(operator)
    return client


@pytest.fixture(autouse=True)
def money(alice: User) -> None:
    give_money(alice, 100_00)


def test_an_adjustment_wants_a_reason_and_names_the_operator(
    admin: Client, operator: User, alice: User
) -> None:
    address = f"/admin/billing/wallet/{wallet_of(alice).pk}/adjust/"
    key = "6f1ab7c5-3f80-4a1c-a9b1-6c9a3a6a0f65"
    for data in (
        {"amount": "5", "reason": ""},
        {"amount": "0", "reason": "x"},
        {"amount": "-100.01", "reason": "x"},
    ):
        admin.post(address, data | {"request_key": key})
        assert wallet_of(alice).balance == 100_00
    for _twice in range(2):
        admin.post(address, {"amount": "-5,50", "reason": "a complaint", "request_key": key})
    entry = Entry.objects.get(kind="adjustment")
    assert (entry.amount, entry.note, entry.operator) == (-5_50, "a complaint", operator)
    assert wallet_of(alice).balance == 94_50


@pytest.mark.parametrize("page", ["billing/entry", "billing/wallet", "predictions/prediction"])
def test_what_is_history_can_only_be_read(admin: Client, alice: User, order: OrderFor, page: str) -> None:
    prediction = order(alice)
    pk = {"billing/entry": prediction.charge.pk, "billing/wallet": wallet_of(alice).pk}.get(
        page, prediction.pk
    )
    assert admin.get(f"/admin/{page}/").status_code == 200
    assert admin.get(f"/admin/{page}/{pk}/change/").status_code == 200
    assert admin.post(f"/admin/{page}/{pk}/change/", {"amount": 1}).status_code == 403
    assert admin.post(f"/admin/{page}/{pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.get(f"/admin/{page}/add/").status_code == 403


def test_a_customer_has_no_admin(alice: User, client: Client) -> None:
    client.force_login(alice)
    assert client.get("/admin/", follow=True).status_code == 403


def test_a_clerk_with_leave_to_look_moves_no_money(alice: User, bob: User, order: OrderFor) -> None:
    bob.is_staff = True
    bob.save()
    bob.user_permissions.set(Permission.objects.filter(codename__in=["view_prediction", "view_wallet"]))
    clerk, prediction = Client(), order(alice)
    clerk.force_login(bob)
    data = {"action": "refund", "_selected_action": [str(prediction.pk)], "reason": "x", "confirmed": "1"}
    clerk.post("/admin/predictions/prediction/", data)
    adjust = {"amount": "5", "reason": "x", "request_key": "6f1ab7c5-3f80-4a1c-a9b1-6c9a3a6a0f65"}
    clerk.post(f"/admin/billing/wallet/{wallet_of(alice).pk}/adjust/", adjust)
    assert wallet_of(alice).balance == 90_00
