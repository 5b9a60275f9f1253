import pytest

from tests.support.browser.account_journey import live
from tests.support.browser.visitor import DESKTOP, PHONE, Look, Visit
from tests.support.processes import Worker


@pytest.mark.parametrize(("language", "width", "javascript"), [("en", PHONE, True), ("ru", DESKTOP, False)])
def test_everything_about_it(
    visit: Visit, shared_worker: Worker, language: str, width: int, javascript: bool
) -> None:
    live(visit(Look(language, width, javascript)))
