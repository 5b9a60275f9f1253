"""Nobody has to scroll sideways to read a page."""

import re

import pytest

from accounts.models import User
from predictions.scoring.schema import Applicant
from tests.browser.conftest import Visit
from tests.browser.places import everywhere
from tests.browser.visitor import DESKTOP, HEIGHT, PHONE, Look, Visitor

SMALLEST = 320
# The width of a page that is wider than its window, and what sticks out without being in a part that scrolls.
STICKING_OUT = """() => {
    const page = document.scrollingElement;
    if (page.scrollWidth <= page.clientWidth) return [];
    const held = element => {
        for (let box = element.parentElement; box && box !== document.body; box = box.parentElement)
            if (getComputedStyle(box).overflowX !== "visible") return true;
    };
    const out = [...document.body.querySelectorAll("*")].filter(
        element => element.getBoundingClientRect().right > page.clientWidth + .5 && !held(element));
    const names = out.slice(0, 9).map(element => element.outerHTML.slice(0, 70).replaceAll("\\n", " "));
    return [`${page.scrollWidth} > ${page.clientWidth}`, ...names];
}"""
# Words that run over the edge of their box, and so over their neighbours.
SPILLING = """() => [...document.querySelectorAll("main *")].filter(element => {
    const style = getComputedStyle(element);
    for (let box = element; box; box = box.parentElement)
        if (getComputedStyle(box).clipPath !== "none") return false;
    const words = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    return words && element.clientWidth && style.overflowX === "visible"
        && element.scrollWidth > element.clientWidth + 1;
}).map(element => `over its edge: ${element.outerHTML.slice(0, 70).replaceAll("\\n", " ")}`)"""
UNFOLD = "document.querySelectorAll('main details').forEach(details => { details.open = true; })"


def sticking_out(visitor: Visitor, width: int) -> list[str]:
    visitor.page.set_viewport_size({"width": width, "height": HEIGHT})
    return [*visitor.page.evaluate(STICKING_OUT), *visitor.page.evaluate(SPILLING)]


def told(found: dict[str, list[str]]) -> str:
    return "\n".join("\n  ".join([place, *out]) for place, out in found.items() if out)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page(visit: Visit, alice: User, bob: User, applicant: Applicant, language: str) -> None:
    """And with letters twice as large the order forms and the results."""
    found: dict[str, list[str]] = {}
    for visitor, place in everywhere(visit, Look(language, PHONE), bob, alice, applicant):
        place.enter(visitor)
        visitor.page.evaluate(UNFOLD)
        found |= {f"{place} at {width}": sticking_out(visitor, width) for width in (PHONE, SMALLEST)}
        if re.search("/(predictions|comparisons)/.+/", place.address):
            visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")
            widths = (DESKTOP, 2 * SMALLEST)
            found |= {f"{place}, large, at {width}": sticking_out(visitor, width) for width in widths}
    faults = told(found)
    assert not faults, faults


def test_what_sticks_out_is_found(visit: Visit) -> None:
    visitor = visit()
    visitor.open("/")
    visitor.page.evaluate("document.querySelector('h1').style.minWidth = '400px'")
    assert sticking_out(visitor, PHONE)
    assert not sticking_out(visitor, DESKTOP)
