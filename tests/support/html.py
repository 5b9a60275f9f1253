"""Reads an answer as a browser does: elements, form values, texts."""

from functools import cached_property
from typing import Any

from bs4 import BeautifulSoup, Tag

# The headers of a request that htmx makes.
HTMX = {"HX-Request": "true"}


class Element:
    def __init__(self, node: Tag) -> None:
        self._node = node
        self.tag = node.name
        self.attributes = {name: str(value or "") for name, value in node.attrs.items()}

    def __repr__(self) -> str:
        return str(self._node)[:300]

    @cached_property
    def text(self) -> str:
        """All text inside, with its line breaks."""
        return self._node.get_text()

    @property
    def words(self) -> str:
        """All text inside, with single spaces."""
        return " ".join(self.text.split())


class Page:
    """`Page(response)`: all elements in order, with the text inside each of them."""

    def __init__(self, response: Any) -> None:
        soup = BeautifulSoup(response.content, "html.parser", multi_valued_attributes=None)
        self.elements = [Element(node) for node in soup.find_all(True)]

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """`all("a", class_="button", aria_label="Next")`: those with exactly these values."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [
            element
            for element in self.elements
            if element.tag == tag and wanted.items() <= element.attributes.items()
        ]

    def by_id(self, name: str) -> Element:
        return next(element for element in self.elements if element.attributes.get("id") == name)

    def value_of(self, name: str) -> str:
        """What the input of this name would send."""
        return self.all("input", name=name)[0].attributes.get("value", "")

    @property
    def links(self) -> set[str]:
        return {element.attributes.get("href", "") for element in self.all("a")}
