import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import Entry
from billing.services import adjust
from predictions.models import Prediction
from tests.support.ledger import charge, refund
from tests.support.orders import OrderFor
from tests.support.people import give_money


@pytest.fixture
def operators(client: Client, operator: User, alice: User, bob: User, order: OrderFor) -> Client:
    """The operator's browser; alice and bob have bought something each."""
    for user in (alice, bob):
        give_money(user, 50_00)
        order(user)
    client.force_login(operator)
    return client


def found(browser: Client, name: str, term: str, **filters: str) -> list[str]:
    address = reverse(f"admin:{name}_changelist")
    return [str(row) for row in browser.get(address, {"q": term, **filters}).context["cl"].result_list]


@pytest.mark.parametrize("term", ["alice", " ALICE ", "alice@example.org", "Alice@Example.org"])
def test_by_username_or_email_in_any_case(operators: Client, alice: User, term: str) -> None:
    assert found(operators, "accounts_user", term) == ["alice"]
    assert found(operators, "billing_wallet", term) == ["alice"]
    assert found(operators, "billing_entry", term) == ["Charge −10.00\xa0USD", "Top-up +50.00\xa0USD"]
    assert found(operators, "predictions_prediction", term) == [str(alice.predictions.get().pk)]


@pytest.mark.parametrize("term", ["lice", "alice@", "example", "%", "alice bob"])
def test_other_texts_find_nothing(operators: Client, term: str) -> None:
    for name in ("accounts_user", "billing_wallet", "billing_entry", "predictions_prediction"):
        assert found(operators, name, term) == []


def test_by_id(operators: Client, alice: User) -> None:
    prediction, entry = Prediction.objects.get(user=alice), Entry.objects.filter(kind="charge").earliest("pk")
    assert found(operators, "predictions_prediction", str(prediction.pk).upper()) == [str(prediction.pk)]
    assert found(operators, "billing_entry", entry.public_id.hex) == ["Charge −10.00\xa0USD"]
    assert found(operators, "accounts_user", str(alice.pk)) == ["alice"]


def test_an_entry_by_its_note(operators: Client, operator: User, alice: User) -> None:
    adjust(user=alice, amount=7, reason="Sorry, alice", operator=operator, request_key="sorry")
    assert found(operators, "billing_entry", "Sorry, alice") == ["Adjustment +0.07\xa0USD"]
    assert found(operators, "billing_entry", "Sorry") == []


def test_users_by_the_beginning_of_their_name(operators: Client) -> None:
    User.objects.create(username="alice-2")
    assert found(operators, "accounts_user", "ali") == ["alice-2", "alice"]
    # A whole name means its user alone.
    assert found(operators, "accounts_user", "alice") == ["alice"]


def test_everyone_with_a_shared_address(operators: Client, alice: User, bob: User) -> None:
    User.objects.update(email="family@example.org")
    assert found(operators, "billing_wallet", "family@example.org") == ["bob", "alice"]


def test_within_a_filter(operators: Client, alice: User) -> None:
    refund(charge(alice, 5))
    assert found(operators, "billing_entry", "alice", kind__exact="refund") == ["Refund +0.05\xa0USD"]
    assert found(operators, "billing_entry", "bob", kind__exact="refund") == []


@pytest.mark.parametrize("status", Prediction.Status.values)
def test_a_filter_shows_the_predictions_of_its_status(operators: Client, alice: User, status: str) -> None:
    changes: dict[str, dict[str, object]] = {
        "succeeded": {"approval_probability": 0.5},
        "failed": {"failure": "deadline_passed"},
    }
    ended = {} if status in ("queued", "running") else {"finished_at": "2026-11-01T00:00:00Z"}
    rows = Prediction.objects.filter(user=alice)
    rows.update(status=status, **ended, **changes.get(status, {}))
    Prediction.objects.exclude(user=alice).update(
        status="canceled" if status != "canceled" else "queued",
        finished_at="2026-11-01T00:00:00Z" if status != "canceled" else None,
    )
    assert found(operators, "predictions_prediction", "", status__exact=status) == [str(rows.get().pk)]
    if status == "failed":
        shown = found(operators, "predictions_prediction", "", failure__exact="deadline_passed")
        assert shown == [str(rows.get().pk)]
        assert not found(operators, "predictions_prediction", "", failure__exact="scoring_failed")
