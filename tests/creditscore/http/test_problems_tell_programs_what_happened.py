"""What a customer can cause has a status, a code and a text of its own in the API."""

import inspect
from collections.abc import Iterator

import pytest
from rest_framework.test import APIClient

from accounts.attempts.limits import OF_CLIENT
from accounts.errors import CustomerError, RetryLater
from accounts.models import User
from creditscore.http.problems import DETAILS
from tests.support.clock import Forward
from tests.support.people import ApiClientFor


def concrete(error: type[CustomerError]) -> Iterator[type[CustomerError]]:
    for kind in error.__subclasses__():
        if kind is not RetryLater:
            yield kind
        yield from concrete(kind)


@pytest.mark.parametrize("error", sorted(set(concrete(CustomerError)), key=str))
def test_each_error_names_itself(error: type[CustomerError]) -> None:
    assert 400 <= error.status < 600
    assert error.code == error.code.lower()
    assert DETAILS[error]
    assert inspect.getdoc(error), "its docstring says when it is raised"


def test_codes_and_texts_are_those_of_the_errors() -> None:
    """So that the test above cannot pass by finding nothing."""
    assert set(DETAILS) == set(concrete(CustomerError))
    assert len(DETAILS) > 10


def test_a_limit_says_when_to_come_back(db: None, forward: Forward) -> None:
    wrong = {"username": "nobody", "password": "wrong"}
    answers = [
        APIClient().post("/api/v1/auth/token/", wrong, format="json") for _number in range(OF_CLIENT.size + 1)
    ]
    limited = answers[-1]
    assert limited.status_code == 429
    assert limited["Content-Type"] == "application/problem+json"
    assert limited.json()["code"] == "too_many_attempts"
    assert limited.json()["detail"] == "Too many attempts. Try again later."
    assert limited["Retry-After"] == "1"


def test_a_detail_follows_the_language_and_a_code_does_not(alice: User, api: ApiClientFor) -> None:
    client = api(alice)
    answers = [
        client.post("/api/v1/top-ups/", {"amount": "0"}, format="json", headers={"Accept-Language": language})
        for language in ("en", "ru")
    ]
    english, russian = (answer.json()["errors"][0] for answer in answers)
    assert english["code"] == russian["code"] == "min_value"
    assert english["detail"] != russian["detail"]
