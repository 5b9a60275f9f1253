"""A customer who uses the pages."""

from typing import TypeAlias

import pytest
from django.test import Client

from accounts.models import User
from billing.services import new_request_key
from predictions.scoring.schema import FIELDS, SHARE_FIELD
from tests.support.people import give_money

PRICES = {"logistic-regression": 10_00, "random-forest": 50_00, "catboost": 100_00}

Form: TypeAlias = dict[str, object]


@pytest.fixture
def alices(client: Client, alice: User, catalog: None) -> Client:
    """Alice's browser, signed in, with 100.00 on the balance."""
    give_money(alice, 100_00)
    client.force_login(alice)
    return client


@pytest.fixture
def reader(client: Client, alice: User, catalog: None) -> Client:
    """Alice's browser, signed in, with no money."""
    client.force_login(alice)
    return client


@pytest.fixture
def form() -> Form:
    """What a browser sends when the example is ordered from the cheapest model."""
    facts: Form = {field.name: str(field.example) for field in FIELDS if field.name != SHARE_FIELD}
    prices: Form = {f"price_{slug}": price for slug, price in PRICES.items()}
    return facts | prices | {"model": "logistic-regression", "request_key": new_request_key()}
