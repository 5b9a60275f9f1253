import pytest

from accounts.models import User
from number_input import AmbiguousNumber, Kind, read_number
from predictions.scoring.parsing import units_of
from predictions.scoring.schema import FIELDS_BY_NAME, NumberField
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
    *(
        "36000 USD",
        "USD 36000",
        "usd36,000",
        "$36000",
        "$ 36 000",
        "36000\u00a0$",
        "$36000 USD",
        "$$5",
        "US$5",
    ),
    *("€5", "5 EUR", "30%", "30 %", "%30", "10,5\u202f%", "30%%", "30 % %", "%", "$", "USD", "$\t5", "5\t$"),
    *("30\u3000", "\u30009000", "\ufeff9000", "9000\u2028", "\u16809000", "\x0b9000", "\u00a0\t9000\u2003"),
    *("10.5", "10,125", "10.125", "٣", "9_000", "", " 9000 ", "9\u200b000"),
]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_whatever_is_typed_into_an_order(visit: Visit, alice: User, language: str) -> None:
    """The share of income and the sliders show what the order will contain, or nothing."""
    customer = visit(Look(language), alice)
    customer.open("/predictions/new/")
    decimal = "." if language == "en" else ","
    for name, kind in (
        ("person_income", Kind.WHOLE),
        ("person_age", Kind.WHOLE),
        ("loan_int_rate", Kind.DECIMAL),
    ):
        field = FIELDS_BY_NAME[name]
        assert isinstance(field, NumberField)
        for text in TYPED:
            try:
                expected = read_number(text, kind, decimal, units_of(field))
            except AmbiguousNumber:
                expected = None
            if expected is not None and kind is Kind.WHOLE and expected != int(expected):
                expected = None
            customer.page.fill(f"#id_{name}", text)
            read = customer.page.evaluate(f"readNumber(document.getElementById('id_{name}'))")
            assert read == (None if expected is None else float(expected)), (name, text)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_number_with_its_unit_gives_the_share_and_warns(visit: Visit, alice: User, language: str) -> None:
    customer = visit(Look(language), alice)
    customer.open("/predictions/new/")
    for name, text in (("loan_amnt", "$3600"), ("person_income", "3600000 USD"), ("loan_int_rate", "30%")):
        customer.page.fill(f"#id_{name}", text)
    customer.page.press("#id_loan_int_rate", "Tab")
    for name in ("person_income", "loan_int_rate"):
        customer.page.wait_for_function(
            f"document.getElementById('id_{name}_caution').textContent.length > 0"
        )
    share = "0.1%" if language == "en" else "0,1\u00a0%"
    assert customer.page.locator("#id_loan_percent_income").text_content() == share


def test_the_button_of_a_large_top_up_says_that_a_review_follows(visit: Visit, alice: User) -> None:
    customer = visit(Look("en"), alice)
    customer.open("/wallet/top-up/")
    for amount, text in (("49.99", "Pay"), ("50", "Continue"), ("1,000", "Continue"), ("", "Pay")):
        customer.page.fill("#id_amount", amount)
        assert customer.page.locator("button[data-pay]").inner_text() == text, amount
