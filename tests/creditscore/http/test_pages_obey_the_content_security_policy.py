"""No page contains anything that the policy blocks or that requests another host."""

from urllib.parse import urljoin

import pytest
from django.test import Client
from django.urls import resolve, reverse

from accounts.models import User
from billing.services import wallet_of
from tests.support.addresses import ADMIN, API, OWN, PUBLIC
from tests.support.customers import Form
from tests.support.html import Page
from tests.support.orders import Bought
from tests.support.page_checks import assert_obeys


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


def test_of_the_whole_admin(client: Client, operator: User, bought: Bought) -> None:
    """Follows every link, to one page of each view; as a popup too."""
    bought()
    client.force_login(operator)
    seen: set[str] = set()
    addresses = [reverse("admin:index"), reverse("admin:login")]
    while addresses:
        address = addresses.pop()
        view = resolve(address.partition("?")[0]).view_name
        if view in seen:
            continue
        seen.add(view)
        for shown in (address, f"{address.partition('?')[0]}?_popup=1"):
            answer = client.get(shown, follow=True)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                assert_obeys(answer)
                addresses += [
                    urljoin(address, link)
                    for link in Page(answer).links
                    if urljoin(address, link).startswith("/admin/")
                ]
    assert len(seen) > 30, seen


def test_of_adjustments(client: Client, operator: User, alice: User) -> None:
    client.force_login(operator)
    address = f"/admin/billing/wallet/{wallet_of(alice).pk}/adjust/"
    assert_obeys(client.get(address))
    answer = client.post(address, {"amount": "nonsense"})
    assert_obeys(answer)
    assert "Check the form" in answer.content.decode()
