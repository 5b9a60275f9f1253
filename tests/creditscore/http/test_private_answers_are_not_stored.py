"""What is about an account is never stored by browsers or proxies; what is public may be."""

import uuid
from contextlib import suppress

import pytest
from django.test import Client
from django.urls import NoReverseMatch, get_resolver, reverse
from rest_framework.test import APIClient

from accounts.models import User
from creditscore.http.middleware import PUBLIC_API
from tests.support.addresses import ADMIN, API, OWN, PUBLIC
from tests.support.people import ApiClientFor

STATIC = "/static/js/core.js"
# The catalog is the same for everybody.
CATALOG = reverse("api:models")


@pytest.mark.parametrize("address", sorted({*PUBLIC, *OWN, *API} - {CATALOG}))
def test_every_page_of_a_logged_in_user(alices: Client, catalog: None, address: str) -> None:
    answer = alices.get(address)
    assert "no-store" in answer.get("Cache-Control", "")
    assert "Cookie" in answer.get("Vary", "") or "no-cache" in answer["Cache-Control"]


@pytest.mark.parametrize("address", ADMIN)
def test_every_page_of_the_admin(admin_client: Client, address: str) -> None:
    assert "no-store" in admin_client.get(address)["Cache-Control"]


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_address_of_the_api(alice: User, api: ApiClientFor, catalog: None, method: str) -> None:
    client: APIClient = api(alice)
    for name in api_routes():
        answer = getattr(client, method)(address_of(name))
        public = f"api:{name}" in PUBLIC_API
        assert ("no-store" in answer.get("Cache-Control", "")) is not public, name


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/models/", "/api/v1/models/", "/docs/"])
def test_public_answers_may_be_stored(client: Client, catalog: None, address: str) -> None:
    assert "no-store" not in client.get(address).get("Cache-Control", "")


def test_static_files_may_be_stored(alices: Client) -> None:
    answer = alices.get(STATIC)
    answer.close()
    assert "no-store" not in answer.get("Cache-Control", "")


@pytest.mark.parametrize("address", [*PUBLIC, *OWN, *API])
def test_head_works_wherever_get_does(alices: Client, catalog: None, address: str) -> None:
    got, head = alices.get(address), alices.head(address)
    assert head.status_code == got.status_code
    assert head.content == b""
    assert head.get("Content-Type") == got.get("Content-Type")


def test_head_works_in_the_whole_api(alice: User, api: ApiClientFor, catalog: None) -> None:
    client = api(alice)
    for name in api_routes():
        got, head = client.get(address_of(name)), client.head(address_of(name))
        assert head.status_code == got.status_code, name
        if got.status_code == 405:
            assert "HEAD" not in head["Allow"]


def test_a_refused_method_names_head(alices: Client) -> None:
    assert set(alices.put("/wallet/top-up/")["Allow"].split(", ")) == {"GET", "POST", "HEAD"}


def api_routes() -> list[str]:
    namespaces = get_resolver().namespace_dict["api"]
    return [name for name in namespaces[1].reverse_dict if isinstance(name, str)]


def address_of(name: str) -> str:
    """The route's address, for something that does not exist if it is about one thing."""
    if name == "model":
        return reverse("api:model", args=["catboost"])
    for keys in ([], [uuid.UUID(int=0)], [uuid.UUID(int=0)] * 2):
        with suppress(NoReverseMatch):
            return reverse(f"api:{name}", args=keys)
    raise NoReverseMatch(name)
