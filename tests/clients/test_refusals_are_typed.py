"""Each refusal is an exception with the code of the service."""

import uuid
from decimal import Decimal

import pytest
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from creditscore_client import (
    ApiKey,
    Client,
    Conflict,
    InsufficientFunds,
    Invalid,
    Login,
    NotAuthenticated,
    NotFound,
    records,
)
from tests.clients.conftest import Connect
from tests.support.people import PASSWORD


def test_no_money(live_server: LiveServer, bob: User, catalog: None, loan: records.Applicant) -> None:
    poor = Client(live_server.url, Login(bob.username, PASSWORD))
    with pytest.raises(InsufficientFunds) as refusal:
        poor.predictions.order("catboost", loan)
    assert Decimal(refusal.value.balance) == 0
    assert Decimal(refusal.value.required) == Decimal("100.00")
    assert (refusal.value.status, refusal.value.code) == (402, "insufficient_funds")


def test_invalid_values_are_named(client_of_alice: Client, loan: records.Applicant) -> None:
    loan["person_age"] = 17
    with pytest.raises(Invalid) as refusal:
        client_of_alice.predictions.order("catboost", loan)
    assert [(error.field, error.code) for error in refusal.value.errors] == [("person_age", "out_of_bounds")]


def test_texts_are_in_the_language_of_the_client(connect: Connect) -> None:
    with pytest.raises(NotFound, match="найдено"):
        connect(language="ru").predictions.get(uuid.uuid4())


def test_what_has_no_result(client_of_alice: Client, loan: records.Applicant) -> None:
    ordered = client_of_alice.predictions.order("catboost", loan, wait=0)
    with pytest.raises(Conflict) as refusal:
        client_of_alice.predictions.verify(ordered.id)
    assert refusal.value.code == "not_finished"


@pytest.mark.parametrize(
    "credentials", [None, ApiKey("wrong"), Login("alice", "wrong")], ids=["none", "key", "password"]
)
def test_no_access(live_server: LiveServer, alice: User, credentials: ApiKey | Login | None) -> None:
    with pytest.raises(NotAuthenticated):
        Client(live_server.url, credentials).account.balance()


def test_a_value_that_json_lacks_is_the_callers_mistake(
    client_of_alice: Client, loan: records.Applicant
) -> None:
    loan["loan_int_rate"] = float("nan")
    with pytest.raises(ValueError, match="JSON"):
        client_of_alice.predictions.order("catboost", loan)


def test_an_address_without_a_scheme_is_refused() -> None:
    with pytest.raises(ValueError, match="http"):
        Client("score.example.com")
