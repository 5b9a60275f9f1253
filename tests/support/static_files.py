"""Static files, which the tests' clients find as the service's processes do."""

from collections.abc import Iterator

import pytest
from whitenoise.middleware import WhiteNoiseMiddleware


@pytest.fixture(scope="session", autouse=True)
def _read_once() -> Iterator[None]:
    """A process of the service reads its static files when it starts, and a client of a test would each time.

    That took half of the time of tests that ask for a page.
    """
    found: dict[str, object] = {}
    read = WhiteNoiseMiddleware.add_files_from_finders

    def read_once(middleware: WhiteNoiseMiddleware) -> None:
        if not found:
            read(middleware)
            found.update(middleware.files)
        middleware.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", read_once)
        yield
