"""What the policy would block, or what would call another host, is in no page."""

import re
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from billing.services import wallet_of
from tests.pages.addresses import ADMIN, API, OWN, PUBLIC
from tests.pages.conftest import Bought, Form
from tests.pages.page import Page

LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "form": "action", "source": "src"}


def assert_obeys(answer: Any) -> None:
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)
    page = Page(answer)
    for element in page.elements:
        assert "style" not in element.attributes, element
        assert not [name for name in element.attributes if name.startswith("on")], element
        assert not element.attributes.get("href", "").lower().startswith("javascript:"), element
        target = element.attributes.get(LOADING.get(element.tag, ""), "")
        assert not target.startswith(("http:", "https:", "//")), element
    inline = [
        element
        for element in page.all("style") + page.all("script")
        if "src" not in element.attributes and element.attributes.get("type") != "application/json"
    ]
    for element in inline:
        assert nonce, element
        assert element.attributes.get("nonce") == nonce.group(1), element


@pytest.mark.parametrize("address", PUBLIC + API[:2])
def test_of_strangers(client: Client, catalog: None, address: str) -> None:
    assert_obeys(client.get(address, headers={"Accept": "text/html"}))


@pytest.mark.parametrize("address", OWN + API)
def test_of_customers(alices: Client, bought: Bought, address: str) -> None:
    bought()
    assert_obeys(alices.get(address, headers={"Accept": "text/html"}))


def test_of_results_and_errors(alices: Client, bought: Bought, form: Form) -> None:
    for prediction in (bought(), bought(run=False), bought(person_age=95)):
        assert_obeys(alices.get(f"/predictions/{prediction.pk}/"))
    assert_obeys(alices.post("/predictions/new/", form | {"person_age": "7"}))
    assert_obeys(alices.post("/account/tokens/"))


@pytest.mark.parametrize("address", ADMIN)
def test_of_operators(client: Client, operator: User, bought: Bought, address: str) -> None:
    bought()
    client.force_login(operator)
    answer = client.get(address)
    assert answer.status_code == 200
    assert_obeys(answer)


def test_of_adjustments(client: Client, operator: User, alice: User) -> None:
    client.force_login(operator)
    address = f"/admin/billing/wallet/{wallet_of(alice).pk}/adjust/"
    assert_obeys(client.get(address))
    answer = client.post(address, {"amount": "nonsense"})
    assert_obeys(answer)
    assert "Please check the form" in answer.content.decode()
