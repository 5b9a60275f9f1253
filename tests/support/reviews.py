"""Payments on the pages: the review before large ones, and the second press that pays."""

from collections.abc import Mapping
from typing import Any

from django.test import Client

from tests.support.form_drafts import shown
from tests.support.html import Page


def send(client: Client, address: str, form: Mapping[str, object]) -> Any:
    """Send a payment form and, if it is reviewed first, press the button of the review."""
    answer = client.post(address, form)
    return press_pay(client, client.get(answer["Location"])) if leads_to_review(answer) else answer


def leads_to_review(answer: Any) -> bool:
    return answer.status_code == 302 and "review=1" in answer["Location"]


def press_pay(client: Client, review: Any, **changes: object) -> Any:
    """Press the button of a review; `changes` are inputs that somebody has altered in the page."""
    page = Page(review)
    action = next(form.attributes["action"] for form in page.all("form", autocomplete="off"))
    # The first `next` is that of the language form.
    own = [field.attributes["value"] for field in page.all("input", name="next")][1:]
    return client.post(action, {**shown(review), "next": "".join(own), **changes})
