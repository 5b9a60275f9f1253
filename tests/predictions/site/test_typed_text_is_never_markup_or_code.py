"""What customers type is shown as text on every page, and is a value in every query."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.models import Prediction
from tests.support.customers import Form
from tests.support.html import Page
from tests.support.orders import Bought
from tests.support.people import ApiClientFor

MARKUP = '"><img src=x onerror=alert(1)>'
TEMPLATE = "{{ 7|add:7 }}{% debug %}"
QUERY = "' OR '1'='1"
HISTORY = reverse("predictions:history")


def shown(answer: object) -> str:
    """The page's text; raises if the markup became an element of it."""
    page = Page(answer)
    assert not [image for image in page.all("img") if image.attributes.get("src") == "x"]
    return str(answer.content.decode())  # type: ignore[attr-defined]


@pytest.mark.parametrize("label", [MARKUP, TEMPLATE])
def test_a_label(reader: Client, bought: Bought, label: str) -> None:
    prediction = bought(label)
    for address in (
        reverse("predictions:detail", args=[prediction.pk]),
        HISTORY,
        reverse("predictions:dashboard"),
    ):
        text = shown(reader.get(address))
        assert "&quot;&gt;&lt;img" in text or "{{ 7|add:7 }}" in text
        assert "{{ 14 }}" not in text


@pytest.mark.parametrize("field", ["label", "person_income", "loan_intent"])
def test_a_value_of_a_refused_order(alices: Client, form: Form, field: str) -> None:
    answer = alices.post(reverse("predictions:new"), form | {field: MARKUP * 5})
    assert answer.status_code == 422
    shown(answer)


@pytest.mark.parametrize("parameter", ["label", "status", "since", "sort", "cursor", "next"])
def test_a_filter_in_the_address(reader: Client, bought: Bought, parameter: str) -> None:
    bought()
    for value in (MARKUP, TEMPLATE):
        shown(reader.get(HISTORY, {parameter: value}))


def test_the_path_of_a_page_that_is_not_there(reader: Client) -> None:
    shown(reader.get("/<img src=x onerror=alert(1)>/"))
    shown(reader.get(reverse("accounts:login"), {"next": f"/{MARKUP}"}))


@pytest.mark.parametrize("parameter", ["label", "status", "since", "sort"])
def test_a_filter_is_no_part_of_the_query(reader: Client, bought: Bought, bob: User, parameter: str) -> None:
    bought("mine")
    bought("somebody else's", user=bob)
    text = shown(reader.get(HISTORY, {parameter: QUERY}))
    assert "somebody else" not in text


def test_a_label_with_quotes_is_stored_and_found(reader: Client, bought: Bought) -> None:
    bought(QUERY)
    bought("another")
    rows = Page(reader.get(HISTORY, {"label": QUERY})).all("tr")
    assert len([row for row in rows if QUERY in row.words]) == 1
    assert not [row for row in rows if "another" in row.words]


@pytest.mark.parametrize("text", [MARKUP, QUERY])
def test_programs_get_it_as_json(alice: User, api: ApiClientFor, bought: Bought, text: str) -> None:
    prediction = bought(text)
    address = reverse("api:prediction", args=[prediction.pk])
    answer = api(alice).get(address)
    assert answer["Content-Type"] == "application/json"
    assert answer.json()["label"] == text
    # In a browser the same address is a page.
    browsed = api(alice).get(address, headers={"Accept": "text/html"})
    assert "<img src=x" not in browsed.content.decode()
    assert Prediction.objects.get(label=text) == prediction
