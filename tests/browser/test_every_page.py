"""Every page fits the screen of a phone, passes axe, and is light.

One walk, because a visit takes longer than looking.
"""

import itertools
import re

import pytest

from accounts.models import User
from predictions.scoring.schema import Applicant
from tests.support.browser import axe
from tests.support.browser.fit import misfits_of_large_letters, misfits_on_a_phone
from tests.support.browser.places import Place, everywhere
from tests.support.browser.visitor import DESKTOP, HEIGHT, PHONE, Look, Visit, Visitor
from tests.support.browser.weight import Scales

# Bytes of a page with all that its first visit loads, compressed.
LIMIT = 100_000
# All places in one test take minutes on a slow machine, as long as one that hangs.
PARTS = 4
UNFOLD = "document.querySelectorAll('main details').forEach(details => { details.open = true; })"


def enter(visitor: Visitor, place: Place) -> None:
    visitor.page.emulate_media(color_scheme="light")
    visitor.page.set_viewport_size({"width": PHONE, "height": HEIGHT})
    place.enter(visitor)


def looks(visitor: Visitor, place: Place, desk_first: bool) -> list[str]:
    """Look at the page in light at one width and in dark at the other."""
    widths = (DESKTOP, PHONE) if desk_first else (PHONE, DESKTOP)
    visitor.page.set_viewport_size({"width": widths[0], "height": HEIGHT})
    found = axe.violations(visitor, f"{place} at {widths[0]} in light")
    visitor.page.set_viewport_size({"width": widths[1], "height": HEIGHT})
    visitor.page.emulate_media(color_scheme="dark")
    return found + axe.violations(visitor, f"{place} at {widths[1]} in dark", axe.LOOKS)


@pytest.mark.parametrize("part", range(PARTS))
def test_in_russian(visit: Visit, alice: User, bob: User, applicant: Applicant, part: int) -> None:
    """Its words are the longest, and its letters take two bytes each."""
    found, scales = [], Scales()
    places = enumerate(everywhere(visit, Look("ru", PHONE), bob, alice, applicant))
    for number, (visitor, place) in itertools.islice(places, part, None, PARTS):
        enter(visitor, place)
        if not place.doing and (weight := scales.weigh(visitor)) > LIMIT:
            found.append(f"{place}: {weight:,} bytes")
        visitor.page.evaluate(UNFOLD)
        found += misfits_on_a_phone(visitor, place)
        # The order forms and the results.
        if re.search("/(predictions|comparisons)/.+/", place.address):
            found += misfits_of_large_letters(visitor, place)
        # On the next page the other way round.
        found += looks(visitor, place, desk_first=bool(number // PARTS % 2))
    assert not found, "\n\n".join(found)


def test_in_english(visit: Visit, alice: User, bob: User, applicant: Applicant) -> None:
    """What the language can change: whether words fit."""
    found = []
    for visitor, place in everywhere(visit, Look("en", PHONE), bob, alice, applicant):
        enter(visitor, place)
        visitor.page.evaluate(UNFOLD)
        found += misfits_on_a_phone(visitor, place)
    assert not found, "\n".join(found)
