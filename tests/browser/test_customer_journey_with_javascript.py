import pytest

from tests.support.browser.journey import travel
from tests.support.browser.visitor import DESKTOP, PHONE, Look, Visit
from tests.support.processes import Worker


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_with_javascript(visit: Visit, shared_worker: Worker, language: str, width: int) -> None:
    travel(visit(Look(language, width)))
