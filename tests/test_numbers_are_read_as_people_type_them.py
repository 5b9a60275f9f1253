"""One grammar of numbers for pages, forms and files."""

import random
from decimal import Decimal

import pytest
from django.utils import translation

from billing.money import decimal_separator, format_amount, format_axis_level, format_money, to_decimal
from number_input import SPACES, AmbiguousNumber, Kind, money_units, read_number
from predictions.formats.numbers import number, whole
from predictions.site.forms.applicant import as_text

SEPARATORS = (".", ",", None)
LANGUAGES = ("en", "ru")
REFUSED = [
    *("12,34.50", "5,0.00", "1,2,3", "1,23,456", "12345,678,901", "1,000,00", "1.000.00"),
    *("1,000.00.00", "1.234,567.8", "1,234.567,8", "1,000 000", "1 000,000.5", "1'000 000", "1 000'000"),
    *("1 00", "1  000", "1 0000", "10 00", "0 000", "0,000,000", "1\t000", "1\n000", " 1 000 00"),
    *(
        "1e3",
        "1E3",
        "1e-3",
        "0e0",
        "1e",
        "0x10",
        "0b1",
        "1_000",
        "1,_000",
        "inf",
        "-inf",
        "nan",
        "NaN",
        "Infinity",
    ),
    *(
        "5.",
        "5,",
        ".5",
        ",5",
        "1,000.",
        ",000",
        "'5",
        "5'",
        "..",
        ",",
        ".",
        "-",
        "- 5",
        "5-",
        "--5",
        "+5",
        "(5)",
    ),
    *("007", "00", "00.5", "-007", "0123", "01,234", "1/2", "½", "²", "5 5", "five", "5%", "%", "5$"),
    *("١٢", "１２", "१", "1٠", "５.0", "1，000", "1٬000", "1٫5", "Ⅻ", "一"),
    *(
        "\u200b5",
        "5\u200b",
        "5\u200f",
        "\u200e5",
        "\u202a5\u202c",
        "\ufeff5",
        "1\u200b000",
        "5\u00ad",
        "5\x00",
    ),
    *("\x1f5", "5\x85", "\u20285", "\u30005", "9" * 41, "0" * 41, "1" + " 000" * 11, "", " ", "\u00a0"),
]


@pytest.mark.parametrize("text", REFUSED)
def test_what_is_no_number_in_any_language_is_refused(text: str) -> None:
    for kind in Kind:
        for decimal in SEPARATORS:
            assert read_number(text, kind, decimal) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("0", "0"), ("5", "5"), ("1234567", "1234567"), ("-5", "-5"), ("\u22125", "-5"), (" 5\t", "5")),
        *(("7,25", "7.25"), ("7.25", "7.25"), ("32,0", "32.0"), ("9000.00", "9000")),
        *(
            ("1,234.50", "1234.50"),
            ("1.234,50", "1234.50"),
            ("1,234,567", "1234567"),
            ("1.234.567", "1234567"),
        ),
        *(("1 234,50", "1234.50"), ("1 234.5", "1234.5"), ("1'234.50", "1234.50"), ("1’234,50", "1234.50")),
        *(("1,234,567.89", "1234567.89"), ("-1 000", "-1000"), ("\u22121\u00a0050,00", "-1050.00")),
        ("9" * 40, "9" * 40),
    ],
)
def test_what_is_clear_in_every_language_is_read(text: str, value: str) -> None:
    for kind in Kind:
        for decimal in SEPARATORS:
            assert read_number(text, kind, decimal) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "value", "unclear"),
    [
        *(
            (text, "1000", {Kind.WHOLE, Kind.AMOUNT})
            for text in ("1.000,000", "1,000.000", "1 000,000", "1'000.000", "1.000,0000", "1\u00a0000.000")
        ),
        *((text, "-1000", {Kind.WHOLE, Kind.AMOUNT}) for text in ("-1.000,000", "\u22121 000.000")),
        ("1,000,000.000", "1000000", {Kind.WHOLE, Kind.AMOUNT}),
        ("$1.000,000", "1000", {Kind.WHOLE, Kind.AMOUNT}),
        ("1 234.567", "1234.567", {Kind.WHOLE, Kind.AMOUNT}),
        *((text, text.replace(",", "."), {Kind.WHOLE}) for text in ("1000.000", "1000,000", "30.0000")),
        *((text, text.replace(",", "."), {Kind.WHOLE}) for text in ("0,125", "0.000", "1234.567")),
    ],
)
def test_decimals_that_look_like_thousands_are_read_only_where_there_are_no_thousands(
    text: str, value: str, unclear: set[Kind]
) -> None:
    for kind in Kind:
        for decimal in SEPARATORS:
            if kind in unclear:
                with pytest.raises(AmbiguousNumber):
                    read_number(text, kind, decimal, ("$",))
            else:
                assert read_number(text, kind, decimal, ("$",)) == Decimal(value)


@pytest.mark.parametrize("space", sorted(set(SPACES) - set("\t\r\n")))
def test_every_space_that_banks_use_groups_thousands(space: str) -> None:
    text = f"{space}1{space}234{space}567,50{space}"
    assert read_number(text, Kind.AMOUNT, ",") == Decimal("1234567.50")


@pytest.mark.parametrize(
    ("kind", "decimal", "with_comma", "with_point"),
    [
        (Kind.AMOUNT, ".", "1500", None),
        (Kind.AMOUNT, ",", None, None),
        (Kind.AMOUNT, None, None, None),
        (Kind.WHOLE, ".", "1500", None),
        (Kind.WHOLE, ",", None, None),
        (Kind.WHOLE, None, "1500", None),
        (Kind.DECIMAL, ".", "1.5", "1.5"),
        (Kind.DECIMAL, ",", "1.5", "1.5"),
        (Kind.DECIMAL, None, "1.5", "1.5"),
    ],
)
def test_one_separator_before_three_digits_is_read_or_refused_by_language(
    kind: Kind, decimal: str | None, with_comma: str | None, with_point: str | None
) -> None:
    for text, value in (("1,500", with_comma), ("1.500", with_point)):
        if value is None:
            with pytest.raises(AmbiguousNumber):
                read_number(text, kind, decimal)
        else:
            assert read_number(text, kind, decimal) == Decimal(value)


@pytest.mark.parametrize("zero", ["-0", "-0.0", "\u22120,00", "0", "0.0"])
def test_zero_has_no_sign(zero: str) -> None:
    for kind in Kind:
        value = read_number(zero, kind)
        assert value == 0
        assert not value.is_signed()


@pytest.mark.parametrize(
    ("currency", "understood", "refused"),
    [
        (
            "USD",
            ["$50", "$ 50", "50$", "50 $", "50 USD", "USD 50", "usd50", "50\u00a0USD", "50usd"],
            ["€50", "50 EUR", "$50 USD", "$50$", "5$0", "US$50", "50 USDT", "＄50", "$", "USD", "-$50"],
        ),
        ("EUR", ["€50", "50 €", "50 EUR"], ["$50", "50 USD", "5€0"]),
        ("RUB", ["50 ₽", "50 руб.", "50 руб", "50 РУБ", "50 RUB", "₽50"], ["$50", "50 р", "50 рублей"]),
        ("KZT", ["50 KZT", "KZT 50"], ["$50", "₽50"]),
        ("", ["50"], ["$50"]),
    ],
)
def test_the_currency_of_the_service_may_stand_beside_an_amount(
    currency: str, understood: list[str], refused: list[str]
) -> None:
    for text in understood:
        assert read_number(text, Kind.AMOUNT, ".", money_units(currency)) == 50, text
    for text in refused:
        assert read_number(text, Kind.AMOUNT, ".", money_units(currency)) is None, text


def minor_amounts() -> list[int]:
    rng = random.Random(19)  # noqa: S311
    edges = [sign * edge for edge in (0, 1, 99, 100, 999_99, 1000_00, 1000_50, 10**9) for sign in (1, -1)]
    return edges + [rng.randint(-(10 ** rng.randint(1, 14)), 10 ** rng.randint(1, 14)) for _ in range(3_000)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_amounts_as_the_site_writes_them_are_read_back(language: str) -> None:
    with translation.override(language):
        for minor in minor_amounts():
            for text in (format_amount(minor), format_money(minor), format_axis_level(minor)):
                read = read_number(text, Kind.AMOUNT, decimal_separator(), money_units("USD"))
                assert read == to_decimal(minor), text


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_as_the_site_writes_them_are_read_back(language: str) -> None:
    with translation.override(language):
        for minor in minor_amounts():
            for text in (number(minor), whole(minor)):
                assert read_number(text, Kind.WHOLE, decimal_separator()) == minor, text
            for value in (abs(minor) / 100, abs(minor) / 1000, minor / 7):
                assert float(read_number(as_text(value), Kind.DECIMAL, decimal_separator()) or 0) == value
            # Rates, years and percentages have no thousands.
            small = minor % 1000_00
            text = number(small / 100)
            assert read_number(text, Kind.DECIMAL, decimal_separator()) == to_decimal(small), text


def test_any_text_is_a_number_or_not() -> None:
    rng = random.Random(7)  # noqa: S311
    for _ in range(20_000):
        text = "".join(rng.choices("0123456789,. '-+eE_$\u00a0\u202f\u2212\u0661", k=rng.randint(0, 12)))
        for kind in Kind:
            for decimal in SEPARATORS:
                try:
                    value = read_number(text, kind, decimal, ("$",))
                except AmbiguousNumber:
                    continue
                digits = "".join(sign for sign in text if sign in "0123456789")
                if value is not None:
                    shown = f"{value:f}".replace(".", "").replace("-", "")
                    assert shown == digits, text
