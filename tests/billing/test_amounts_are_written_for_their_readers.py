import pytest
from django.utils import translation

from billing import money


@pytest.mark.parametrize(
    ("minor", "text"), [(0, "0.00"), (1, "0.01"), (-10_50, "-10.50"), (1_234_567_89, "1234567.89")]
)
def test_for_programs(minor: int, text: str) -> None:
    assert money.to_text(minor) == text


@pytest.mark.parametrize(
    ("language", "plain", "signed", "axis"),
    [
        (
            "en",
            ["\u22121,050.00\u00a0USD", "0.00\u00a0USD", "0.01\u00a0USD"],
            ["\u22121,050.00\u00a0USD", "0.00\u00a0USD", "+0.01\u00a0USD"],
            ["\u22121,050", "0", "0.01"],
        ),
        (
            "ru",
            ["\u22121\u00a0050,00\u00a0USD", "0,00\u00a0USD", "0,01\u00a0USD"],
            ["\u22121\u00a0050,00\u00a0USD", "0,00\u00a0USD", "+0,01\u00a0USD"],
            ["\u22121\u00a0050", "0", "0,01"],
        ),
    ],
)
def test_for_people(language: str, plain: list[str], signed: list[str], axis: list[str]) -> None:
    amounts = [-1050_00, 0, 1]
    with translation.override(language):
        assert [money.format_money(minor) for minor in amounts] == plain
        assert [f"{money.format_amount(minor)}\u00a0USD" for minor in amounts] == plain
        assert [money.format_signed_money(minor) for minor in amounts] == signed
        assert [money.format_axis_level(minor) for minor in amounts] == axis
