"""What the subjects of the API share: keys of requests, pages, and waiting."""

import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

from creditscore_client.errors import StillPending
from creditscore_client.transport import Request, Transport

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
# The most rows that the service gives at once.
PAGE_SIZE = "100"


class Waiting(Protocol):
    @property
    def is_pending(self) -> bool: ...


Result = TypeVar("Result", bound=Waiting)


def new_key() -> str:
    """Return an Idempotency-Key for one request and its repetitions."""
    return str(uuid.uuid4())


def pages(transport: Transport, path: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of all pages."""
    wanted = {name: value for name, value in query.items() if value} | {"page_size": PAGE_SIZE}
    while True:
        body = transport.send(Request("GET", path, query=wanted)).body
        yield from body["results"]
        if body["next"] is None:
            return
        # Only the query: the service may be reached by another address than it knows of itself.
        wanted = dict(parse_qsl(urlsplit(body["next"]).query))


def wait_for(get: Callable[[], Result], timeout: float, pause: float = FIRST_PAUSE) -> Result:
    """Get until it is not pending. Raises `StillPending` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        result = get()
        if not result.is_pending:
            return result
        if time.monotonic() + pause > deadline:
            raise StillPending(f"not finished in {timeout} s")
        time.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)
