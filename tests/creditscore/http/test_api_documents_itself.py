"""The schema, the documentation, and the API in a browser."""

import re
import uuid

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.support.people import ApiClientFor


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    return api(alice)


def test_schema_and_documentation_are_served_from_here(catalog: None) -> None:
    schema = APIClient().get("/api/v1/schema/")
    assert schema.status_code == 200
    page = APIClient().get("/docs/").content.decode()
    assert "/api/v1/predictions/{id}/" in page
    assert not re.search(r"(src|href)=.?https?://", page)


def test_a_browser_gets_the_browsable_api(alice: User, client: APIClient) -> None:
    answer = client.get("/api/v1/predictions/", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/html")
    missing = client.get(f"/api/v1/predictions/{uuid.uuid4()}/", headers={"Accept": "text/html"})
    assert missing.status_code == 404
    assert missing["Content-Type"].startswith("text/html")


def test_the_schema_says_that_bodies_are_closed(catalog: None) -> None:
    schema = APIClient().get("/api/v1/schema/?format=json").json()
    bodies = {
        content["schema"]["$ref"].rpartition("/")[2]
        for path in schema["paths"].values()
        for operation in path.values()
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
        # Rows have no members.
        if kind != "text/csv"
    }
    assert len(bodies) > 5
    parts = schema["components"]["schemas"]
    assert [name for name in bodies if parts[name].get("additionalProperties") is not False] == []
