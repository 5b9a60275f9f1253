"""Pages have one typeface everywhere: made from its package, served by the service, small."""

import io
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from fontTools.ttLib import TTFont
from pytest_django import Settings

from creditscore import fonts

SOURCE = (files("font_manrope") / "files/Manrope-VariableFont_wght.ttf").read_bytes()
SENTENCE = "Вероятность одобрения — 59,3 %: ёж, щука, Ünïcödé “quoted” «слово» 1 000 ₽ → ← − × №"
MOST_BYTES = 30_000


@pytest.fixture(scope="module")
def subset() -> bytes:
    return fonts.subset(SOURCE)


def test_it_has_the_letters_weights_and_even_figures_that_pages_need(subset: bytes) -> None:
    font = TTFont(io.BytesIO(subset))
    assert {ord(letter) for letter in SENTENCE} <= font.getBestCmap().keys()
    (axis,) = font["fvar"].axes
    assert (axis.axisTag, axis.minValue, axis.maxValue) == ("wght", 400, 700)
    assert {record.FeatureTag for record in font["GSUB"].table.FeatureList.FeatureRecord} == {"tnum"}
    assert {record.FeatureTag for record in font["GPOS"].table.FeatureList.FeatureRecord} == {"kern"}
    assert len(subset) < MOST_BYTES


def test_it_tells_its_license(subset: bytes) -> None:
    names = TTFont(io.BytesIO(subset))["name"]
    assert "Open Font License" in str(names.getDebugName(13))


def test_the_same_package_gives_the_same_file(subset: bytes) -> None:
    assert fonts.subset(SOURCE) == subset


def test_it_is_served_with_its_license(client: Client) -> None:
    font = client.get(f"/static/{fonts.FONT}")
    assert font["Content-Type"] == "font/woff2"
    assert b"".join(font).startswith(b"wOF2")
    assert b"SIL OPEN FONT LICENSE" in b"".join(client.get(f"/static/{fonts.LICENSE}"))


def test_it_is_made_once_by_processes_that_start_together(settings: Settings, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    with ThreadPoolExecutor(2) as processes:
        made = set(processes.map(lambda _number: fonts.made(), range(2)))
    (folder,) = made
    assert [path.name for path in (tmp_path / "fonts").iterdir()] == [folder.name]
    at = (folder / fonts.FONT).stat().st_mtime_ns
    assert fonts.made() == folder
    assert (folder / fonts.FONT).stat().st_mtime_ns == at


def test_a_disk_that_refuses_it_is_told(settings: Settings, tmp_path: Path) -> None:
    """Not taken for another process that was faster."""
    source, place = tmp_path / "half", tmp_path / "absent/whole"
    source.mkdir()
    with pytest.raises(FileNotFoundError):
        fonts._put(source, place)


def test_it_is_found_and_nothing_else() -> None:
    assert Path(str(finders.find(fonts.FONT))).read_bytes().startswith(b"wOF2")
    assert finders.find("fonts/other.woff2") is None
    assert {path for path, _storage in fonts.FontFinder().list(None)} == {fonts.FONT, fonts.LICENSE}


def test_nothing_is_made_before_it_is_read(settings: Settings, tmp_path: Path) -> None:
    """Commands check the finders, also in containers that may write nothing."""
    settings.VAR_DIR = tmp_path
    fonts.FontFinder()
    assert not (tmp_path / "fonts").exists()
