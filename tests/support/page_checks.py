"""Checks that every page passes."""

import re
from collections import Counter
from itertools import pairwise
from typing import Any

from tests.support.html import Element, Page

LOADING = {"script": "src", "link": "href", "img": "src", "iframe": "src", "form": "action", "source": "src"}


def assert_usable(answer: Any) -> None:
    """Raises unless the page keeps the parts of WCAG 2.2 that can be read off the markup."""
    page = Page(answer)
    assert page.all("html")[0].attributes["lang"] in ("en", "ru")
    assert page.all("title")[0].words.endswith("· Creditscore")
    assert page.elements[0].tag == "html"
    assert len(page.all("h1")) == 1
    assert "#main" in page.links, "a way past the menu"
    ids = Counter(element.attributes["id"] for element in page.elements if "id" in element.attributes)
    assert ids.most_common(1)[0][1] == 1, ids.most_common(1)
    for element in page.elements:
        for name in ("aria-describedby", "aria-labelledby"):
            assert set(element.attributes.get(name, "").split()) <= set(ids), element
        if element.tag in ("a", "button", "summary", "th"):
            assert element.words or element.attributes.get("aria-label"), element
        if element.tag == "svg":
            assert element.attributes.get("aria-hidden") == "true", element
        if element.attributes.get("href", "").startswith("#"):
            assert element.attributes["href"][1:] in ids, element
    levels = [int(element.tag[1]) for element in page.elements if element.tag in ("h1", "h2", "h3", "h4")]
    assert all(deeper - higher <= 1 for higher, deeper in pairwise(levels)), levels
    labelled = {label.attributes.get("for") for label in page.all("label")}
    for control in page.all("input") + page.all("select") + page.all("textarea"):
        assert is_hidden(control) or control.attributes.get("id") in labelled, control


def is_hidden(control: Element) -> bool:
    """Unseen, or a radio button inside of its label."""
    return (
        control.attributes.get("type") in ("hidden", "radio")
        or control.attributes.get("aria-hidden") == "true"
    )


def assert_obeys(answer: Any) -> None:
    """Raises if the page holds what its Content-Security-Policy blocks, or loads from another host."""
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    nonce = re.search(r"'nonce-([^']+)'", policy)
    page = Page(answer)
    for element in page.elements:
        assert "style" not in element.attributes, element
        assert not [name for name in element.attributes if name.startswith("on")], element
        assert not element.attributes.get("href", "").lower().startswith("javascript:"), element
        target = element.attributes.get(LOADING.get(element.tag, ""), "")
        assert not target.startswith(("http:", "https:", "//")), element
    inline = [
        element
        for element in page.all("style") + page.all("script")
        if "src" not in element.attributes and element.attributes.get("type") != "application/json"
    ]
    for element in inline:
        assert nonce, element
        assert element.attributes.get("nonce") == nonce.group(1), element
