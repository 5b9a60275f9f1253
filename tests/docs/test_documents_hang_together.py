"""Links between the documents lead to files, and the decisions are numbered without gaps."""

import re
from pathlib import Path

import pytest

from tests.support.configuration import ROOT
from tests.support.markdown import links, tables

DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
DECISIONS = sorted(ROOT.glob("docs/decisions/*.md"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_tables_are_whole(document: Path) -> None:
    text = document.read_text()
    local = [link for link in links(text) if not link.startswith(("https://", "http://"))]
    assert not [link for link in local if not (document.parent / link.partition("#")[0]).exists()]
    tables(text)


def test_documents_are_found() -> None:
    """Guards the test above, which would pass if no links were read."""
    names = {str(path.relative_to(ROOT)) for path in DOCUMENTS}
    assert {"README.md", "README.ru.md", "CHANGELOG.md", "docs/architecture.md"} <= names
    assert "docs/architecture.md" in links((ROOT / "README.md").read_text())


def test_decisions_are_numbered_without_gaps() -> None:
    assert [path.name[:5] for path in DECISIONS] == [
        f"{number:04}-" for number in range(1, len(DECISIONS) + 1)
    ]
    for path in DECISIONS:
        assert re.match(r"# \S", path.read_text()), path.name
