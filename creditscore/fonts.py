"""The typeface of all pages, made from its package when static files are collected or first served.

The package has every script and weight in 165 KB; pages need Latin and Russian letters in 25 KB. What is made
is kept in `VAR_DIR`, under a name that changes with the package and with what is kept of the typeface.
"""

import hashlib
import io
import shutil
import tempfile
from importlib.resources import files
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import BaseStorageFinder
from django.core.files.storage import FileSystemStorage
from django.utils.functional import cached_property

FONT = "fonts/manrope.woff2"
LICENSE = "fonts/OFL.txt"
WEIGHTS = (400, 700)
# Figures of one width, for columns of numbers and for numbers that change.
FEATURES = ("kern", "tnum")
LETTERS = (
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *range(0x410, 0x450),
    *map(ord, "Ёё←→↑↓−×·—–«»„“”‘’…№€₽≤≥≈•"),
)


class FontStorage(FileSystemStorage):
    """The folder that `made` returns. Nothing is made before something is read."""

    @cached_property
    def base_location(self) -> str:
        return str(made())


class FontFinder(BaseStorageFinder):
    """Finds the typeface and its license among the static files."""

    def __init__(self, *arguments: object, **named: object) -> None:
        super().__init__(FontStorage())


def made() -> Path:
    """Return the folder with `FONT` and `LICENSE`. Processes that start together may all make it."""
    source = (files("font_manrope") / "files/Manrope-VariableFont_wght.ttf").read_bytes()
    recipe = repr((WEIGHTS, FEATURES, LETTERS)).encode()
    folder: Path = settings.VAR_DIR / "fonts" / hashlib.sha256(source + recipe).hexdigest()[:16]
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as half_made:
            _make(source, Path(half_made) / "whole")
            _put(Path(half_made) / "whole", folder)
    return folder


def subset(source: bytes) -> bytes:
    """Return `LETTERS` of a variable typeface as WOFF2, with `WEIGHTS` and `FEATURES`."""
    # Needed once; every process of the service would carry them.
    from fontTools.subset import Options, Subsetter
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    # Without the time of making, the same input gives the same bytes.
    font = TTFont(io.BytesIO(source), recalcTimestamp=False)
    # The names are those of the license and its holder.
    options = Options(layout_features=list(FEATURES), hinting=False, name_IDs=[0, 1, 2, 13, 14])
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=LETTERS)
    subsetter.subset(font)
    font = instantiateVariableFont(font, {"wght": WEIGHTS})
    font.flavor = "woff2"
    content = io.BytesIO()
    font.save(content)
    return content.getvalue()


def _make(source: bytes, folder: Path) -> None:
    (folder / "fonts").mkdir(parents=True)
    (folder / FONT).write_bytes(subset(source))
    (folder / LICENSE).write_bytes((files("font_manrope") / "files/OFL.txt").read_bytes())


def _put(folder: Path, place: Path) -> None:
    """Move `folder` to `place`, unless another process was faster."""
    try:
        folder.rename(place)
    except OSError:
        if not place.exists():
            raise
        shutil.rmtree(folder)
