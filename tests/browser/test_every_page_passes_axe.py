"""What axe finds of the rules of WCAG 2.2 AA and of good practice: nothing, on any page."""

from importlib.resources import files
from typing import Any

import pytest

from accounts.models import User
from predictions.scoring.schema import Applicant
from tests.support.browser.places import Place, everywhere
from tests.support.browser.visitor import DESKTOP, HEIGHT, PHONE, Look, Visit, Visitor

AXE = (files("axe_playwright_python") / "axe.min.js").read_text()
OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
# Each page is seen in all four looks: in light and in dark, and at both widths of each.
LOOKS = [Look("en"), Look("ru", dark=True), Look("ru"), Look("en", dark=True)]
FIRST_WIDTH = (0, 1, 1, 0)
# The long tables that are folded up take seconds: once in light and once in dark is enough.
UNFOLDED = LOOKS[:2]
UNFOLD = "document.querySelectorAll('main details').forEach(details => { details.open = true; })"
WIDTHS = (PHONE, DESKTOP)


def faults(visitor: Visitor, place: Place, width: int, *, unfold: bool = False) -> list[str]:
    page = visitor.page
    page.set_viewport_size({"width": width, "height": HEIGHT})
    place.enter(visitor)
    if unfold:
        page.evaluate(UNFOLD)
    page.evaluate(AXE)
    found: dict[str, Any] = page.evaluate("options => axe.run(document, options)", OPTIONS)
    assert found["testEngine"]["name"] == "axe-core"
    return [
        f"{place} at {width}: {violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(
    "look", LOOKS, ids=lambda look: f"{look.language}-{'dark' if look.dark else 'light'}"
)
def test_from_any_page(visit: Visit, alice: User, bob: User, applicant: Applicant, look: Look) -> None:
    first = FIRST_WIDTH[LOOKS.index(look)]
    found = [
        fault
        for number, (visitor, place) in enumerate(everywhere(visit, look, bob, alice, applicant), first)
        for fault in faults(visitor, place, WIDTHS[number % 2], unfold=look in UNFOLDED)
    ]
    assert not found, "\n\n".join(found)


def test_what_is_wrong_is_found(visit: Visit) -> None:
    spoilt = "document.querySelector('label').remove(); document.querySelector('h1').style.opacity = .3"
    found = faults(visit(), Place("/account/login/", lambda there: there.page.evaluate(spoilt)), PHONE)
    assert {fault.split(": ")[1] for fault in found} == {"label", "color-contrast"}
