"""Every page that shows code loads its look, and every page with a button that copies what makes it work."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
INCLUDED = re.compile(r'{% include "([^"#]+)')
NEEDED = {'class="code"': "css/code.css", "data-copy": "js/copy.js"}


def with_includes(path: Path) -> str:
    """The source of a template with those of all that it includes; Django's own ones have neither."""
    source = path.read_text() if path.exists() else ""
    return source + "".join(with_includes(TEMPLATES / name) for name in INCLUDED.findall(source))


def pages(sign: str) -> dict[str, str]:
    """The templates that are pages and have this in them."""
    sources = {str(path.relative_to(TEMPLATES)): with_includes(path) for path in TEMPLATES.rglob("*.html")}
    return {name: source for name, source in sources.items() if "{% extends" in source and sign in source}


@pytest.mark.parametrize("sign", NEEDED)
def test_on_each_page(sign: str) -> None:
    found = pages(sign)
    assert {"billing/keys/keys.html", "accounts/webhooks/detail.html", "accounts/tokens.html"} <= set(found)
    assert [name for name, source in found.items() if NEEDED[sign] not in source] == []
