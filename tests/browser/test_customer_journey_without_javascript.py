import pytest

from tests.support.browser.journey import travel
from tests.support.browser.visitor import DESKTOP, PHONE, Look, Visit
from tests.support.processes import Worker


# The other two pairs are those of the journey with JavaScript.
@pytest.mark.parametrize(("language", "width"), [("en", DESKTOP), ("ru", PHONE)])
def test_on_plain_pages(visit: Visit, shared_worker: Worker, language: str, width: int) -> None:
    travel(visit(Look(language, width, javascript=False)))
