"""Enter in a field presses the first button of the form, with and without JavaScript's help."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from billing.models import Entry
from tests.support.customers import Form
from tests.support.html import Page
from tests.support.reviews import leads_to_review, press_pay

NEW, COMPARE = reverse("predictions:new"), reverse("predictions:comparison-new")


def first_button(answer: Any) -> str:
    """The name of the first button that sends the form of the order."""
    buttons = Page(answer).all("button", form="order")
    return buttons[0].attributes["name"]


@pytest.mark.parametrize("address", [NEW, COMPARE])
def test_the_first_button_of_the_form_reviews(alices: Client, address: str) -> None:
    assert first_button(alices.get(address, follow=True)) == "review"


def test_also_before_the_button_of_a_refusal_that_tops_up(reader: Client, form: Form) -> None:
    answer = reader.post(NEW, form)
    assert answer.status_code == 402
    assert len(Page(answer).all("button", name="top_up")) == 2
    assert first_button(answer) == "review"


def test_the_review_of_a_cheap_order_pays_by_its_own_button(alices: Client, form: Form) -> None:
    answer = alices.post(NEW, form | {"review": "1"})
    assert leads_to_review(answer)
    assert not Entry.objects.filter(kind="charge").exists()
    assert press_pay(alices, alices.get(answer["Location"])).status_code == 302
    assert Entry.objects.filter(kind="charge").count() == 1


def test_a_form_that_has_paid_leads_to_its_result(alices: Client, form: Form) -> None:
    paid = alices.post(NEW, form)
    assert alices.post(NEW, form | {"review": "1"})["Location"] == paid["Location"]
