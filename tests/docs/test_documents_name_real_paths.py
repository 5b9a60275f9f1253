"""The tree in `docs/architecture.md`, and the paths and tests that documents name, are in the repository."""

import re
from pathlib import Path

import pytest

from tests.support.configuration import ROOT

ARCHITECTURE = ROOT / "docs/architecture.md"
# `predictions/site/orders.py`, also with a function behind it; and folders of the code.
PATH = re.compile(
    r"`((?:accounts|billing|creditscore|predictions|telemetry|tests|templates|docs)/[\w./-]*)(?::[\w.]+)?`"
)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def tree() -> list[Path]:
    """Every path of the tree; two blanks more are one level down."""
    block = re.search(r"^```\n(manage\.py .*?)^```$", ARCHITECTURE.read_text(), re.MULTILINE | re.DOTALL)
    assert block
    paths: list[Path] = []
    above: list[str] = []
    for line in block[1].splitlines():
        level = (len(line) - len(line.lstrip())) // 2
        above = [*above[:level], line.split()[0]]
        paths.append(ROOT.joinpath(*above))
    return paths


def test_the_tree_exists() -> None:
    assert len(tree()) > 30
    assert not [str(path.relative_to(ROOT)) for path in tree() if not path.exists()]


def test_the_tree_has_every_package_of_the_code() -> None:
    named = {path for path in tree() if path.is_dir()}
    packages = {
        file.parent
        for app in ("accounts", "billing", "creditscore", "predictions", "telemetry")
        for file in (ROOT / app).rglob("__init__.py")
    }
    left_out = {"management", "commands", "migrations", "templatetags"}
    assert not [str(path) for path in packages - named if path.name not in left_out]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_in_documents_exist(document: Path) -> None:
    assert not [path for path in PATH.findall(document.read_text()) if not (ROOT / path).exists()]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_in_documents_exist(document: Path) -> None:
    present = {path.name for path in ROOT.glob("tests/**/*.py")}
    assert not set(re.findall(r"\btest_\w+\.py", document.read_text())) - present
