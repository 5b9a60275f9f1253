from collections.abc import Callable
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection

from creditscore.run import checks


@pytest.mark.django_db
@pytest.mark.parametrize("kind", [InterfaceError, OperationalError])
def test_health_says_so_and_raises_nothing(kind: type[Exception]) -> None:
    def refuse(_execute: Callable[..., Any], *_statement: object) -> None:
        raise kind("connection already closed")

    with connection.execute_wrapper(refuse):
        health = checks.health()
    assert health.database == "down"
    assert not health.checks["database"]
    assert checks.health().database == "ok"
