"""Malformed headers, and methods that a URL does not support."""

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.support.people import ApiClientFor


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    return api(alice)


def test_headers_that_no_browser_sends(client: APIClient) -> None:
    # As a cookie is quoted: \000 stands for a NUL.
    assert client.get("/api/v1/me/", HTTP_COOKIE='sessionid="abcdefgh\\000ijkl"').status_code == 200
    assert (
        client.get("/api/v1/models/", headers={"Content-Type": "text/plain; charset=hex"}).status_code == 200
    )
    utf7 = {"Content-Type": "text/plain; charset=utf-7"}
    assert client.get("/account/login/?next=/%2B2AA-", headers=utf7).status_code == 200


@pytest.mark.parametrize("address", ["predictions/00000000-0000-0000-0000-000000000000/", "me/", "models/"])
def test_a_method_that_is_not_there(client: APIClient, address: str) -> None:
    answer = client.delete(f"/api/v1/{address}")
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
