import pytest

from tests.browser.conftest import Visit
from tests.browser.journey import travel
from tests.browser.visitor import DESKTOP, PHONE, Look
from tests.fixtures.processes import Worker


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_with_javascript(visit: Visit, worker: Worker, language: str, width: int) -> None:
    travel(visit(Look(language, width)))
