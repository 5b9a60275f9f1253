"""The parts of WCAG 2.2 that can be read off the markup."""

from collections import Counter
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from tests.pages.addresses import OWN, PUBLIC
from tests.pages.conftest import Bought, Form
from tests.pages.page import Element, Page


def assert_usable(answer: Any) -> None:
    page = Page(answer)
    assert page.all("html")[0].attributes["lang"] in ("en", "ru")
    assert page.all("title")[0].words.endswith("· Creditscore")
    assert page.elements[0].tag == "html"
    assert len(page.all("h1")) == 1
    assert "#main" in page.links, "a way past the menu"
    ids = Counter(element.attributes["id"] for element in page.elements if "id" in element.attributes)
    assert ids.most_common(1)[0][1] == 1, ids.most_common(1)
    for element in page.elements:
        for name in ("aria-describedby", "aria-labelledby"):
            assert set(element.attributes.get(name, "").split()) <= set(ids), element
        if element.tag in ("a", "button", "summary", "th"):
            assert element.words or element.attributes.get("aria-label"), element
        if element.tag == "svg":
            assert element.attributes.get("aria-hidden") == "true", element
        if element.attributes.get("href", "").startswith("#"):
            assert element.attributes["href"][1:] in ids, element
    levels = [int(element.tag[1]) for element in page.elements if element.tag in ("h1", "h2", "h3", "h4")]
    assert all(deeper - higher <= 1 for higher, deeper in pairwise(levels)), levels
    labelled = {label.attributes.get("for") for label in page.all("label")}
    for control in page.all("input") + page.all("select") + page.all("textarea"):
        assert is_hidden(control) or control.attributes.get("id") in labelled, control


def is_hidden(control: Element) -> bool:
    """Unseen, or a radio button inside of its label."""
    return (
        control.attributes.get("type") in ("hidden", "radio")
        or control.attributes.get("aria-hidden") == "true"
    )


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
