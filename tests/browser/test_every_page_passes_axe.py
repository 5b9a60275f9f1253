"""axe finds no violation of WCAG 2.2 AA or of its best practices on any page."""

import itertools
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
WIDTHS = (PHONE, DESKTOP)
# All places in one test take minutes on a slow machine, as long as one that hangs.
PARTS = 4
UNFOLD = "document.querySelectorAll('main details').forEach(details => { details.open = true; })"
# Colors are not measured during a transition.
COLORS_STAND = """() => Promise.allSettled(
    document.getAnimations().filter(one => one instanceof CSSTransition).map(one => one.finished))"""


def enter(visitor: Visitor, place: Place, width: int) -> None:
    visitor.page.emulate_media(color_scheme="light")
    visitor.page.set_viewport_size({"width": width, "height": HEIGHT})
    place.enter(visitor)
    visitor.page.evaluate(AXE)


def faults(visitor: Visitor, where: str) -> list[str]:
    found: dict[str, Any] = visitor.page.evaluate("options => axe.run(document, options)", OPTIONS)
    assert found["testEngine"]["name"] == "axe-core"
    return [
        f"{where}: {violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def faults_of_looks(visitor: Visitor, place: Place, widths: list[int]) -> list[str]:
    """Enters the place and looks at it in light at the first width, then in dark at the second."""
    enter(visitor, place, widths[0])
    page, found = visitor.page, []
    for width, dark in zip(widths, (False, True), strict=True):
        page.set_viewport_size({"width": width, "height": HEIGHT})
        page.emulate_media(color_scheme="dark" if dark else "light")
        page.evaluate(UNFOLD)
        page.evaluate(COLORS_STAND)
        found += faults(visitor, f"{place} at {width} in {'dark' if dark else 'light'}")
    return found


@pytest.mark.parametrize("part", range(PARTS))
def test_from_any_page(visit: Visit, alice: User, bob: User, applicant: Applicant, part: int) -> None:
    """Every page in one language, since it is the tags and colors that are looked at."""
    language = ("en", "ru")[part % 2]
    found = []
    places = enumerate(everywhere(visit, Look(language), bob, alice, applicant))
    for number, (visitor, place) in itertools.islice(places, part, None, PARTS):
        # Light at the phone's width and dark at the desk's, or the other way round on the next page.
        first = number // PARTS % 2
        found += faults_of_looks(visitor, place, [WIDTHS[first], WIDTHS[1 - first]])
    assert not found, "\n\n".join(found)


def test_what_is_wrong_is_found(visit: Visit) -> None:
    spoilt = "document.querySelector('label').remove(); document.querySelector('h1').style.opacity = .3"
    visitor = visit()
    enter(visitor, Place("/account/login/", lambda there: there.page.evaluate(spoilt)), PHONE)
    found = faults(visitor, "log in")
    assert {fault.split(": ")[1] for fault in found} == {"label", "color-contrast"}
