import re

import pytest
from pytest_django import Settings

from predictions.formats.charts import model_card as card_charts
from predictions.formats.charts.model_card import BOTTOM, LEFT, RIGHT, TOP, stretched
from predictions.scoring.model_card import ModelCard, read_model_card
from tests.support.addresses import MODELS


@pytest.fixture
def cards(settings: Settings) -> list[ModelCard]:
    return [read_model_card(settings.ARTIFACTS_DIR, slug) for slug in MODELS]


def points(path: str) -> list[tuple[float, float]]:
    """The corners of a path as shares of the frame."""
    pairs = re.findall(r"[ML]([\d.]+) ([\d.]+)", path)
    return [((float(x) - LEFT) / (RIGHT - LEFT), (BOTTOM - float(y)) / (BOTTOM - TOP)) for x, y in pairs]


def test_the_roc_curves_are_those_of_the_cards(cards: list[ModelCard]) -> None:
    series = card_charts.roc(cards).series
    assert [one.number for one in series] == [1, 2, 3]
    for one, card in zip(series, cards, strict=True):
        for drawn, measured in zip(points(one.path), card["roc"], strict=True):
            assert drawn == pytest.approx(measured, abs=0.001)


def test_the_gains_begin_with_nobody(cards: list[ModelCard]) -> None:
    drawn = points(card_charts.gains(cards[0]).series[0].path)
    assert drawn[0] == pytest.approx((0, 0))
    assert drawn[-1] == pytest.approx((1, 1))


def test_a_calibrated_point_lies_on_the_diagonal_of_the_stretched_scales() -> None:
    assert stretched(0.5) == 0.5
    assert stretched(0.0) == stretched(0.001) == pytest.approx(0)
    assert stretched(1.0) == pytest.approx(1)
    assert stretched(0.9) - 0.5 == pytest.approx(0.5 - stretched(0.1))
    assert stretched(0.99) - stretched(0.9) > 0.1


def test_every_measured_point_has_its_interval_and_each_model_its_own_shape(cards: list[ModelCard]) -> None:
    series = card_charts.reliability(cards).series
    for one, card in zip(series, cards, strict=True):
        assert len(one.marks) == len(card["reliability"])
        for mark in one.marks:
            x, low, high = map(float, re.fullmatch(r"M([\d.]+) ([\d.]+)V([\d.]+)", mark.interval).groups())  # type: ignore[union-attr]
            assert LEFT <= x <= RIGHT
            assert BOTTOM >= low >= high >= TOP
    outlines = {re.sub(r"M[\d.]+ [\d.]+", "", one.marks[0].shape) for one in series}
    assert len(outlines) == 3


def test_bars_go_up_for_repaid_loans_and_down_for_defaulted_ones(cards: list[ModelCard]) -> None:
    chart = card_charts.distribution(cards[0])
    middle = (TOP + BOTTOM) / 2
    for kind in ("repaid", "defaulted"):
        bars = [bar for bar in chart.bars if bar.kind == kind]
        key = "approved" if kind == "repaid" else "defaulted"
        shares = cards[0]["distribution"][key]  # type: ignore[literal-required]
        assert len(bars) == len(shares)
        tallest = max(float(bar.height) for bar in bars)
        assert float(bars[shares.index(max(shares))].height) == tallest <= (BOTTOM - TOP) / 2
        for bar in bars:
            foot = float(bar.y) + (float(bar.height) if kind == "repaid" else 0)
            assert foot == pytest.approx(middle, abs=0.11)
