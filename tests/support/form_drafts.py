"""A browser whose session ends while a form is open, and what its pages hold afterwards."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.urls import reverse

from accounts import form_drafts
from tests.support.addresses import FORM
from tests.support.html import Page
from tests.support.people import PASSWORD

NEW, COMPARE, TOP_UP = (
    f"{reverse(name)}?{FORM}" for name in ("predictions:new", "predictions:comparison-new", "billing:top-up")
)
LOGIN, REGISTER = reverse("accounts:login"), reverse("accounts:register")
GOOD = {"username": "alice", "password": PASSWORD}


class Browser:
    """Alice's browser. What it opened before the session ended can still be sent."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.post = client.post

    def get(
        self, address: str, query: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> Any:
        """The page at the end of redirects: a payment form gets its request key by one."""
        return self.client.get(address, query, follow=True, headers=headers)

    def send(self, page: str, typed: Mapping[str, object], to: str = "") -> Any:
        """Open `page`, let the session end on the server, and send the form that takes `typed`."""
        tokens = {
            frozenset(signing.loads(field.attributes["value"], salt=form_drafts.FORM_SALT)[2]): field
            for field in Page(self.get(page)).all("input", name=form_drafts.FORM_INPUT)
        }
        names = next(names for names in tokens if names & set(typed) or not (names or typed))
        self.client.session.flush()
        return self.post(to or page, {**typed, form_drafts.FORM_INPUT: tokens[names].attributes["value"]})


def hidden(answer: Any) -> dict[str, str]:
    """What the form of the page carries besides what people type."""
    page = Page(answer)
    return {
        name: page.all("input", name=name)[-1].attributes["value"]
        for name in ("next", form_drafts.LOGIN_INPUT)
    }


def log_in(browser: Browser, answer: Any, **changes: str) -> Any:
    return browser.post(LOGIN, {**GOOD, **hidden(answer), **changes})


def shown(answer: Any) -> dict[str, str]:
    """The values that the page's inputs and lists show."""
    page = Page(answer)
    values = {
        field.attributes["name"]: field.attributes.get("value", "")
        for field in page.all("input")
        if field.attributes.get("type") != "radio" and "name" in field.attributes
    }
    values |= {
        radio.attributes["name"]: radio.attributes["value"]
        for radio in page.all("input", type="radio")
        if "checked" in radio.attributes
    }
    # The selected option is the last one that was opened inside of its list.
    name = ""
    for element in page.elements:
        if element.tag == "select":
            name = element.attributes["name"]
        elif element.tag == "option" and "selected" in element.attributes:
            values[name] = element.attributes["value"]
    return values


@pytest.fixture
def ended(alices: Client) -> Browser:
    """Alice's browser, signed in."""
    return Browser(alices)
