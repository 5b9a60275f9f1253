"""The compressed size of everything that the first visit to a page loads."""

import gzip
from functools import cache

from playwright.sync_api import Response

from accounts.models import User
from predictions.scoring.schema import Applicant
from tests.support.browser.places import everywhere
from tests.support.browser.visitor import Look, Visit, Visitor

LIMIT = 100_000


def test_every_page(visit: Visit, alice: User, bob: User, applicant: Applicant) -> None:
    """In Russian, whose letters take two bytes each. Nothing is kept from the page before."""
    weights = {
        str(place): weight(visitor, place.address)
        for visitor, place in everywhere(visit, Look("ru"), bob, alice, applicant)
        if not place.doing
    }
    heaviest = sorted(weights.items(), key=lambda item: -item[1])
    print(*(f"{bytes_:7,d} {place}" for place, bytes_ in heaviest), sep="\n")
    assert heaviest[0][1] <= LIMIT, heaviest[:5]


def weight(visitor: Visitor, address: str) -> int:
    """Bytes of the page and of everything that it loads, each compressed."""
    page = visitor.context.new_page()
    visitor.context.new_cdp_session(page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    loaded: list[Response] = []
    page.on("response", lambda answer: loaded.append(answer))
    page.goto(visitor.root + address)
    bodies = [answer.body() for answer in loaded if answer.status in (200, 404)]
    assert len(bodies) >= 3, f"{address}: a page, its style and its script"
    page.close()
    return sum(compressed_size(body) for body in bodies)


@cache
def compressed_size(body: bytes) -> int:
    return len(gzip.compress(body))
