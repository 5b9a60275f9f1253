"""Requests generated from the API's schema: no 5xx, nothing invalid is accepted, answers are as described.

Their number is bounded and their seed fixed, so that a run takes about a minute and can be repeated.
"""

import io
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.parameters import ParameterLocation
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
)

from accounts import tokens
from accounts.models import User
from creditscore.api_urls import urlpatterns
from predictions.orders.comparisons import order_comparison
from tests.support.orders import ResultFor
from tests.support.people import give_money

MODES = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
CHECKS = [
    not_a_server_error,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# Log-out would end the token that all other requests send.
LEFT_OUT = {"/api/v1/auth/logout/"}
# What any request to them can hold is valid.
NOTHING_INVALID = [f"GET /api/v1/{path}/" for path in ("documents/{code}", "models", "models/{slug}")]
BOUNDED = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def _one_connection() -> Iterator[None]:
    """Requests use the test's connection, whose changes are rolled back, as with Django's test client."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def ids(alice: User, result: ResultFor) -> dict[str, str]:
    """The primary keys of a finished prediction and of a queued comparison, by the start of their paths."""
    prediction = result("logistic-regression")
    give_money(alice, 10_000_00)
    comparison = order_comparison(user=alice, applicant=prediction.facts, request_key="generated")
    return {"/api/v1/predictions/": str(prediction.pk), "/api/v1/comparisons/": str(comparison.pk)}


@pytest.mark.parametrize("mode", MODES, ids=lambda mode: mode.value)
def test_generated_requests(alice: User, ids: dict[str, str], mode: schemathesis.GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", get_wsgi_application())
    token = tokens.issue(alice).access
    headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
    sent: list[int] = []
    closed: list[str] = []
    operations = [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]
    assert len({operation.path for operation in operations}) == len(urlpatterns) - 1, "all but the schema"
    for operation in operations:
        if operation.path in LEFT_OUT:
            continue

        @given(case=operation.as_strategy(generation_mode=mode))
        @BOUNDED
        def send(case: schemathesis.Case[Any]) -> None:
            part = case.meta.components.get(ParameterLocation.PATH) if case.meta else None
            own = next((pk for start, pk in ids.items() if case.path.startswith(start + "{")), None)
            if own and not (part and part.mode.is_negative):
                # A made-up id would only ever find that nothing is there.
                case.path_parameters["id"] = own
            sent.append(case.call_and_validate(headers=headers, checks=CHECKS).status_code)

        try:
            send()
        except Unsatisfiable:
            # Nothing that the operation takes could be invalid.
            closed.append(operation.label)
    assert closed == (NOTHING_INVALID if mode is MODES[1] else [])
    assert {404, 422} <= set(sent)
    assert len(sent) > 120
    call_command("check_ledger", stdout=io.StringIO())
