"""No gettext tools are needed: the texts are read from the sources and compared with the catalog."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils.translation.template import templatize

ROOT = Path(settings.BASE_DIR)
CATALOGUE = ROOT / "locale/ru/LC_MESSAGES/django.po"
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy"}
# What stands in quotes may have brackets.
CALL = re.compile(r"n?gettext\((?:[^'\")]|'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")*\)", re.DOTALL)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(CATALOGUE))


def texts_of(source: str) -> Iterator[str]:
    """The first argument of every call that marks a text, and the second of a plural."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS:
            for argument in node.args[: 2 if node.func.id.startswith("n") else 1]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value


def texts_of_template(path: Path) -> Iterator[str]:
    """Django turns a template into something like Python, with blanked text around the calls."""
    for call in CALL.findall(templatize(path.read_text())):
        yield from texts_of(call)


def test_the_committed_catalogue_has_every_text(catalogue: polib.POFile) -> None:
    known = {entry.msgid for entry in catalogue} | {entry.msgid_plural for entry in catalogue}
    missing = {}
    for app in ("accounts", "billing", "predictions", "creditscore"):
        for path in (ROOT / app).rglob("*.py"):
            for text in texts_of(path.read_text()):
                if text not in known:
                    missing[text] = str(path.relative_to(ROOT))
    for path in (ROOT / "templates").rglob("*.html"):
        for text in texts_of_template(path):
            if text not in known:
                missing[text] = str(path.relative_to(ROOT))
    assert not missing


def test_the_search_finds_texts_of_both_kinds() -> None:
    """Guards the test above, which would pass if no texts were read."""
    assert "Welcome, %(username)s." in list(texts_of((ROOT / "accounts/views.py").read_text()))
    assert "%(count)s predictions" in list(texts_of_template(ROOT / "templates/predictions/_buys.html"))
    assert "Overview" in list(texts_of_template(ROOT / "templates/_header.html"))


def test_every_text_has_its_russian(catalogue: polib.POFile) -> None:
    assert len(catalogue) > 300
    assert not [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy or entry.obsolete]
    plurals = [entry for entry in catalogue if entry.msgid_plural]
    assert all(len(entry.msgstr_plural) == 4 for entry in plurals)


def test_placeholders_are_the_same(catalogue: polib.POFile) -> None:
    for entry in catalogue:
        # A plural may name its number where the singular writes it out.
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for translation in entry.msgstr_plural.values() if entry.msgid_plural else [entry.msgstr]:
            assert set(PLACEHOLDER.findall(translation)) == wanted, entry.msgid


def test_the_compiled_file_is_the_catalogue(catalogue: polib.POFile) -> None:
    compiled = {entry.msgid: entry for entry in polib.mofile(str(CATALOGUE.with_suffix(".mo")))}
    assert set(compiled) == {entry.msgid for entry in catalogue}
    for entry in catalogue:
        assert compiled[entry.msgid].msgstr == entry.msgstr
        assert compiled[entry.msgid].msgstr_plural == entry.msgstr_plural
