"""After the faults: waits until everything has settled, sends old requests again, and reads all accounts."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.client import API
from tests.chaos.customers import Customer, NotPossible, minor
from tests.chaos.history import Account, Entry, Operation, Row, What

# Longer than `DEADLINE_SECONDS`, after which the service itself fails and refunds an order.
SETTLE_SECONDS = 80
EXPLAIN_SECONDS = 60
POLL_SECONDS = 0.5
# Requests with an answer that are sent again, beside those of which an answer was lost.
REPLAYS = 20
AGAIN = (What.ORDER, What.COMPARISON, What.PAGE_ORDER, What.TOP_UP, What.CANCEL)


def close(customers: list[Customer]) -> tuple[list[Account], list[str]]:
    """Return every customer's account at the end, and what did not settle in time."""
    with ThreadPoolExecutor(len(customers)) as pool:
        late = [
            *_until(SETTLE_SECONDS, customers, pending, pool),
            *_until(EXPLAIN_SECONDS, customers, unexplained, pool),
        ]
        list(pool.map(send_again, customers))
        return list(pool.map(account_of, customers)), late


def pending(customer: Customer) -> str:
    """Return what is unfinished, "" if everything has ended."""
    rows = [row for state in ("queued", "running") for row in pages(customer, f"predictions/?status={state}")]
    return f"{len(rows)} predictions of {customer.name} do not end" if rows else ""


def unexplained(customer: Customer) -> str:
    """Ask again for explanations that were promised; return what is missing."""
    promised = [
        operation
        for operation in customer.operations
        if operation.what is What.EXPLANATION and not operation.given and not operation.refusal
    ]
    for operation in promised:
        customer.ask_again(operation)
    missing = sum(not operation.given and not operation.refusal for operation in promised)
    return f"{missing} explanations for {customer.name} are not given" if missing else ""


def send_again(customer: Customer) -> None:
    """Send requests again: those of which an answer was lost, and some others."""
    acknowledged = [operation for operation in customer.operations if _can_repeat(operation)]
    lost = [operation for operation in acknowledged if operation.lost_answers]
    others = [operation for operation in acknowledged if not operation.lost_answers]
    for operation in [*lost, *customer.chance.sample(others, min(REPLAYS, len(others)))]:
        customer.ask_again(operation)


def account_of(customer: Customer) -> Account:
    rows = [_row(row) for row in pages(customer, "predictions/")]
    entries = [_entry(entry) for entry in pages(customer, "transactions/")]
    return Account(customer.name, minor(_get(customer, f"{API}balance/")["balance"]), rows, entries)


def pages(customer: Customer, path: str) -> Iterable[Any]:
    """Yield everything in a list of the API."""
    joint = "&" if "?" in path else "?"
    following = f"{API}{path}{joint}page_size=100"
    while following:
        page = _get(customer, following)
        yield from page["results"]
        parts = urlsplit(page["next"] or "")
        following = f"{parts.path}?{parts.query}" if parts.path else ""


def _get(customer: Customer, path: str) -> Any:
    """Raises `NotPossible`."""
    reply = customer.read(path)
    if reply is None or reply.status != 200:
        raise NotPossible(f"{path} cannot be read: {customer.operations[-1].attempts[-1:]}")
    return reply.json()


def _until(
    seconds: float, customers: list[Customer], ask: Callable[[Customer], str], pool: ThreadPoolExecutor
) -> list[str]:
    """Ask until every customer answers with ""; return the answers after `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        left = [answer for answer in pool.map(ask, customers) if answer]
        if not left or time.monotonic() > deadline:
            return left
        time.sleep(POLL_SECONDS)


def _can_repeat(operation: Operation) -> bool:
    return operation.what in AGAIN and operation.is_acknowledged


def _row(row: Any) -> Row:
    return Row(
        id=row["id"],
        label=row["label"],
        status=row["status"],
        price=minor(row["price"]),
        refunded=row["charge"]["state"] == "refunded",
        has_result=row["approval_probability"] is not None,
        finished_at=datetime.fromisoformat(row["finished_at"]).timestamp() if row["finished_at"] else None,
        failure=row["failure"]["code"] if row["failure"] else "",
    )


def _entry(entry: Any) -> Entry:
    return Entry(entry["id"], entry["kind"], minor(entry["amount"]), entry["reverses"])
