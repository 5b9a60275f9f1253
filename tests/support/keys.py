"""Programs that use API keys."""

from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.keys import services as keys
from accounts.keys.services import NewKey
from accounts.models import ApiKey, Scope, User
from billing.models import KeyDay
from tests.support.people import Answer

KeyFor: TypeAlias = Callable[..., NewKey]
ALL = Scope.values
ME = "/api/v1/me/"


@pytest.fixture
def new_key() -> KeyFor:
    """`new_key(alice, daily_limit=10_00)`: a key with every scope, unless `scopes` are given."""

    def create(user: User, scopes: list[str] = ALL, **options: Any) -> NewKey:
        return keys.create(user, name="loan desk", scopes=scopes, **options)

    return create


def program(key: NewKey | str) -> APIClient:
    """A client that sends the key."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key if isinstance(key, str) else key.secret}")
    return client


def me(key: NewKey | str) -> Answer:
    answer: Answer = program(key).get(ME)
    return answer


def use_keys(user: User) -> None:
    """One key with limits and a past, and one that has ended."""
    for name in ("loan desk", "till"):
        key = keys.create(
            user, name=name, scopes=["read", "predict"], daily_limit=50_00, orders_per_minute=9
        ).key
        KeyDay.objects.create(api_key=key, date=timezone.now().date(), orders=3, spent=30_00, errors=1)
    keys.revoke(ApiKey.objects.filter(name="till"))
