"""A probability has one place, one color and one mark of the average wherever it is drawn."""

from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template
from django.utils import translation
from pytest_django import Settings

from predictions.formats.charts.horizon import anchor as anchor_of
from predictions.formats.charts.horizon import average_of, horizon, place, tone
from predictions.formats.numbers import VERDICTS, verdict
from predictions.scoring import artifacts

SLUG, VERSION = "catboost", "2.0.0"
DRAWN = Template('{% include "predictions/_horizon.html" with probability=p slug=s version=v %}')


def test_the_sun_stands_at_the_probability() -> None:
    assert [place(probability) for probability in (0.0, 0.593, 1.0)] == ["0.00%", "59.30%", "100.00%"]


def test_places_have_a_point_in_every_language() -> None:
    with translation.override("ru"):
        drawn = DRAWN.render(Context({"p": 0.593, "s": SLUG, "v": VERSION}))
    assert 'cx="59.30%"' in drawn
    assert "59,3" in drawn


def test_the_color_changes_where_the_words_change() -> None:
    shares = [number / 1000 for number in range(1001)]
    words = {tone(share): verdict(share) for share in shares}
    assert [words[number] for number in sorted(words)] == [str(text) for _, text in reversed(VERDICTS)]
    assert len({(tone(share), verdict(share)) for share in shares}) == len(VERDICTS)


def test_the_mark_is_the_share_of_repaid_loans_in_the_data_of_that_version() -> None:
    for version in ("1.0.0", "2.0.0"):
        card = artifacts.model_card(settings.ARTIFACTS_DIR, SLUG, version)
        assert average_of(SLUG, version) == card["data"]["approval_rate"]
        assert horizon(0.5, SLUG, version).mark == place(card["data"]["approval_rate"])
    assert average_of(SLUG, "1.0.0") != average_of(SLUG, "2.0.0")


def test_without_a_card_there_is_no_mark(settings: Settings, tmp_path: Path) -> None:
    settings.ARTIFACTS_DIR = tmp_path
    drawn = DRAWN.render(Context({"p": 0.593, "s": SLUG, "v": VERSION}))
    assert 'class="sun"' in drawn
    assert 'class="average"' not in drawn
    assert "<text" in drawn


@pytest.mark.parametrize(("average", "anchor"), [(0.05, "start"), (0.5, "middle"), (0.97, "end")])
def test_the_words_at_the_mark_stay_inside(average: float, anchor: str) -> None:
    assert anchor_of(average) == anchor
