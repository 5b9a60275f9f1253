import pytest

from accounts.models import User
from number_input import AmbiguousNumber, Kind, read_number
from tests.support.browser.visitor import Look, Visit

TYPED = [
    *(
        "9000",
        "9,000",
        "9.000",
        "9 000",
        "9\u00a0000",
        "9\u202f000",
        "9\u2009000",
        "9'000",
        "9’000",
        "9,00",
        "9 00",
    ),
    *(
        "9,000.00",
        "9.000,00",
        "9 000,50",
        "9,000,000",
        "12,34.50",
        "1e3",
        "007",
        "5.",
        ".5",
        "0",
        "0,5",
        "10,5",
    ),
    *("9.000,000", "9,000.000", "9 000,000", "9000.000", "9000,0000", "9 000,0", "1,000,000.000", "0.000"),
    *("10.5", "10,125", "10.125", "٣", "9_000", "", " 9000 ", "9\u200b000"),
]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_whatever_is_typed_into_an_order(visit: Visit, alice: User, language: str) -> None:
    """The share of income and the sliders show what the order will contain, or nothing."""
    customer = visit(Look(language), alice)
    customer.open("/predictions/new/")
    decimal = "." if language == "en" else ","
    for name, kind in (("person_income", Kind.WHOLE), ("loan_int_rate", Kind.DECIMAL)):
        for text in TYPED:
            try:
                expected = read_number(text, kind, decimal)
            except AmbiguousNumber:
                expected = None
            if expected is not None and kind is Kind.WHOLE and expected != int(expected):
                expected = None
            customer.page.fill(f"#id_{name}", text)
            read = customer.page.evaluate(f"readNumber(document.getElementById('id_{name}'))")
            assert read == (None if expected is None else float(expected)), (name, text)
