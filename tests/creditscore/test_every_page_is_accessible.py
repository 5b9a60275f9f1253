"""The parts of WCAG 2.2 that can be checked in the markup."""

import pytest
from django.test import Client

from tests.support.addresses import OWN, PUBLIC
from tests.support.customers import Form
from tests.support.html import Page
from tests.support.orders import Bought
from tests.support.page_checks import assert_usable


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("address", PUBLIC)
def test_by_strangers(client: Client, catalog: None, address: str, language: str) -> None:
    assert_usable(client.get(address, headers={"Accept-Language": language}))


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("address", OWN)
def test_by_customers(alices: Client, bought: Bought, address: str, language: str) -> None:
    bought()
    assert_usable(alices.get(address, headers={"Accept-Language": language}))


def test_with_results_and_errors(alices: Client, bought: Bought, form: Form) -> None:
    for prediction in (bought(), bought(run=False), bought(person_age=95)):
        assert_usable(alices.get(f"/predictions/{prediction.pk}/"))
    assert_usable(alices.post("/predictions/new/", form | {"person_age": "7", "model": ""}))
    assert_usable(alices.post("/wallet/top-up/", {"amount": "nonsense"}))
    assert_usable(alices.post("/account/tokens/"))


def test_errors_take_the_focus(alices: Client, form: Form) -> None:
    page = Page(alices.post("/predictions/new/", form | {"person_age": "7"}))
    summary = page.all("div", role="alert")[0]
    assert summary.attributes["tabindex"] == "-1"
    assert "data-focus" in summary.attributes
