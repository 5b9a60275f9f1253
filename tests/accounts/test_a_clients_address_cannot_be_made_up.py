"""Limits by address trust as many entries of X-Forwarded-For as there are proxies, counted from the end."""

import pytest
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django import Settings

from accounts.requests import client_address
from accounts.throttling import RESETS

PEER = "192.0.2.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (0, "", PEER),
        (0, "203.0.113.9", PEER),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.1, 203.0.113.9", "203.0.113.9"),
        (2, "198.51.100.1, 203.0.113.9, 192.0.2.7", "203.0.113.9"),
    ],
)
def test_the_header(
    rf: RequestFactory, settings: Settings, proxies: int, forwarded: str, address: str
) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"NUM_PROXIES": proxies}
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert client_address(rf.get("/", headers=headers, REMOTE_ADDR=PEER)) == address


@pytest.mark.parametrize("name", ["X-Real-IP", "Forwarded", "Client-IP", "X-Client-IP", "True-Client-IP"])
def test_other_headers_are_not_read(rf: RequestFactory, name: str) -> None:
    assert client_address(rf.get("/", headers={name: "203.0.113.9"}, REMOTE_ADDR=PEER)) == PEER


def test_another_address_in_each_request_gets_no_more_attempts(client: Client, db: None) -> None:
    """Twice as many as the limit, because its window may end in between."""
    answers = [
        client.post(
            reverse("accounts:reset"),
            {"email": f"nobody-{number}@example.org"},
            headers={"X-Forwarded-For": f"203.0.113.{number}"},
        ).status_code
        for number in range(2 * RESETS.attempts + 1)
    ]
    assert set(answers) == {302, 429}


def test_the_host_is_that_of_the_request_alone(rf: RequestFactory) -> None:
    request = rf.get("/", headers={"X-Forwarded-Host": "evil.example.org", "X-Forwarded-Proto": "https"})
    assert request.build_absolute_uri("/") == "http://testserver/"
