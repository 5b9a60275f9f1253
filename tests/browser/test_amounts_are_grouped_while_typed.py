"""Thousands are grouped under the fingers, the caret stays, and what has two meanings is left alone."""

import pytest

from accounts.models import User
from tests.support.browser.visitor import Look, Visit, Visitor

INCOME = "#id_person_income"
TYPED = {
    "en": (
        ("12000", "12,000|"),
        ("1234567", "1,234,567|"),
        ("12,000", "12,000|"),
        ("12 000", "12,000|"),
        ("12.000", "12.000|"),
        ("12,5", "12,5|"),
        ("12000.50", "12,000.50|"),
        ("$36000", "$36000|"),
        ("36000 usd", "36,000 usd|"),
        ("0012", "0012|"),
        ("many", "many|"),
        ("12345<", "12,34|5"),
        ("12345<<<X", "1|,345"),
        ("12345<<<<D", "1,2|45"),
        ("1234567<<<X", "123|,567"),
        ("1234567<<<<D", "123,4|67"),
        ("1000<<<<<D", "|000"),
        ("12345X", "1,234|"),
        ("1234X", "123|"),
        ("2345<<<<<1", "1|2,345"),
    ),
    "ru": (
        ("12000", "12\u00a0000|"),
        ("12 000", "12\u00a0000|"),
        ("12.000.000", "12\u00a0000\u00a0000|"),
        ("12,000", "12,000|"),
        ("12345<<<<D", "1\u00a02|45"),
    ),
}
PASTED = {"68000": "68,000", "68\u202f000": "68,000", "68.000": "68.000", "6.8e4": "6.8e4"}
KEYS = {"<": "ArrowLeft", "X": "Backspace", "D": "Delete"}


def type_keys(customer: Visitor, keys: str) -> str:
    """The text of the input afterwards, with the caret as a bar."""
    customer.page.fill(INCOME, "")
    customer.page.focus(INCOME)
    for key in keys:
        customer.page.keyboard.press(KEYS.get(key, "Space" if key == " " else key))
    text, caret = customer.page.locator(INCOME).evaluate("input => [input.value, input.selectionStart]")
    return f"{text[:caret]}|{text[caret:]}"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_as_it_is_typed(visit: Visit, alice: User, language: str) -> None:
    customer = visit(Look(language), alice)
    customer.open("/predictions/new/")
    assert {keys: type_keys(customer, keys) for keys, _ in TYPED[language]} == dict(TYPED[language])


def test_what_is_pasted_and_what_is_sent(visit: Visit, alice: User) -> None:
    """The server gets digits, so that a draft can be read in another language."""
    customer = visit(Look("en"), alice)
    customer.open("/predictions/new/")
    for pasted, shown in (
        ("68000", "68,000"),
        ("68\u202f000", "68,000"),
        ("68.000", "68.000"),
        ("6.8e4", "6.8e4"),
    ):
        customer.page.fill(INCOME, "")
        customer.page.focus(INCOME)
        customer.page.keyboard.insert_text(pasted)
        assert customer.page.input_value(INCOME) == shown
    customer.page.fill(INCOME, "68000")
    sent = "new FormData(document.querySelector('#order')).get('person_income')"
    assert customer.page.evaluate(sent) == "68000"
    customer.page.reload()
    assert customer.page.input_value(INCOME) == "68,000"
