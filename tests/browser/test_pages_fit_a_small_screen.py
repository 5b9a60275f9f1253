"""No page needs horizontal scrolling."""

import re

import pytest

from accounts.models import User
from predictions.scoring.schema import Applicant
from tests.support.browser.places import everywhere
from tests.support.browser.visitor import DESKTOP, HEIGHT, PHONE, Look, Visit, Visitor

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
# Words that run over the edge of their box and over what stands beside it.
OVERLAPPING = """() => [...document.querySelectorAll("main *")].filter(element => {
    const text = [...element.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (!text || !element.clientWidth || element.scrollWidth <= element.clientWidth + 1) return false;
    if (getComputedStyle(element).overflowX !== "visible") return false;
    for (let box = element; box; box = box.parentElement)
        if (getComputedStyle(box).clipPath !== "none") return false;
    const range = document.createRange();
    range.selectNodeContents(element);
    const words = range.getBoundingClientRect();
    return [...element.parentElement.children].some(other => {
        const box = other.getBoundingClientRect();
        return other !== element && box.width && box.left < words.right - 1 && words.left < box.right - 1
            && box.top < words.bottom - 1 && words.top < box.bottom - 1;
    });
}).map(element => `over its neighbor: ${element.outerHTML.slice(0, 70).replaceAll("\\n", " ")}`)"""
UNFOLD = "document.querySelectorAll('main details').forEach(details => { details.open = true; })"


def misfits(visitor: Visitor, width: int) -> list[str]:
    visitor.page.set_viewport_size({"width": width, "height": HEIGHT})
    return [*visitor.page.evaluate(STICKING_OUT), *visitor.page.evaluate(OVERLAPPING)]


def told(found: dict[str, list[str]]) -> str:
    return "\n".join("\n  ".join([place, *out]) for place, out in found.items() if out)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page(visit: Visit, alice: User, bob: User, applicant: Applicant, language: str) -> None:
    """And with letters twice as large the order forms and the results."""
    found: dict[str, list[str]] = {}
    for visitor, place in everywhere(visit, Look(language, PHONE), bob, alice, applicant):
        place.enter(visitor)
        visitor.page.evaluate(UNFOLD)
        found |= {f"{place} at {width}": misfits(visitor, width) for width in (PHONE, SMALLEST)}
        if re.search("/(predictions|comparisons)/.+/", place.address):
            visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")
            found[f"{place}, large"] = misfits(visitor, 2 * SMALLEST)
            visitor.page.set_viewport_size({"width": DESKTOP, "height": HEIGHT})
            found[f"{place}, large, wide"] = visitor.page.evaluate(STICKING_OUT)
    faults = told(found)
    assert not faults, faults


def test_what_does_not_fit_is_found(visit: Visit) -> None:
    visitor = visit()
    visitor.open("/")
    visitor.page.evaluate("document.querySelector('h1').style.minWidth = '400px'")
    assert misfits(visitor, PHONE)
    assert not misfits(visitor, DESKTOP)
    visitor.page.evaluate(
        """() => {
            const squeezed = document.querySelector(".quality dt");
            squeezed.style.cssText = "width: 20px; white-space: nowrap";
            squeezed.parentElement.style.justifyContent = "start";
        }"""
    )
    assert any("neighbor: <dt" in fault for fault in misfits(visitor, DESKTOP))
