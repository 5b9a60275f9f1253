"""After the faults: waits until everything has settled, sends old requests again, and reads all accounts."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.chaos.client import API
from tests.chaos.customers import Customer, NotPossible, minor
from tests.chaos.file_customers import PAID, FileCustomer
from tests.chaos.history import Account, Entry, FileRow, History, Operation, Row, Sample, What
from tests.chaos.receiver import Receiver
from tests.chaos.webhook_checks import facts_to_tell

C = TypeVar("C", bound=Customer)
# Longer than `DEADLINE_SECONDS`, after which the service itself fails and refunds an order.
SETTLE_SECONDS = 80
EXPLAIN_SECONDS = 60
# Longer than a file waits after a full disk, with some attempts that fail.
FILE_SECONDS = 300
# Longer than a message waits after its second failure and that of a mailer that was killed.
TELL_SECONDS = 200
POLL_SECONDS = 0.5
# Requests with an answer that are sent again, beside those of which an answer was lost.
REPLAYS = 20
AGAIN = (
    *(What.ORDER, What.COMPARISON, What.PAGE_ORDER, What.TOP_UP, What.CANCEL),
    *(What.CONFIRMATION, What.FILE_CANCEL),
)
# Buys more than these rows.
ENOUGH = "1000.00"
# Rows of files that are ordered alone, of each customer.
ALONE = 6


def close(customers: list[Customer], history: History, receiver: Receiver) -> None:
    """Put into `history` every customer's account at the end, and what did not settle in time."""
    senders = [customer for customer in customers if isinstance(customer, FileCustomer)]
    with ThreadPoolExecutor(len(customers)) as pool:
        late = [
            *_until(SETTLE_SECONDS, customers, pending, pool),
            *_until(EXPLAIN_SECONDS, customers, unexplained, pool),
            *_until(FILE_SECONDS, senders, unfinished, pool),
        ]
        list(pool.map(send_again, customers))
        list(pool.map(read_results, senders))
        history.samples = [sample for found in pool.map(ordered_alone, senders) for sample in found]
        history.sent_files = [file for customer in senders for file in customer.sent]
        history.accounts = list(pool.map(account_of, customers))
    _wait_until_told(history, receiver)
    history.tries = list(receiver.tries)
    history.mishaps += late


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


def unfinished(customer: FileCustomer) -> str:
    """Return what of the customer's files has not ended and was paid, or has no price yet."""
    states = [file["status"] for file in pages(customer, "batches/")]
    left = sum(state in (*PAID, "validating") for state in states)
    return f"{left} files of {customer.name} do not end" if left else ""


def read_results(customer: FileCustomer) -> None:
    """Read all files of results that the customer has not read before."""
    for file in customer.sent:
        if file.results is None:
            customer.read_results(file)


def ordered_alone(customer: FileCustomer) -> list[Sample]:
    """Order some rows of files as if they were no part of one."""
    samples = [sample for file in customer.sent if file.results for sample in file.results.samples]
    customer.top_up(ENOUGH)
    chosen = customer.chance.sample(samples, min(ALONE, len(samples)))
    return [replace(sample, alone=customer.order_alone(sample)) for sample in chosen]


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
    files = [_file(file) for file in pages(customer, "batches/")]
    balance = minor(_get(customer, f"{API}balance/")["balance"])
    return Account(customer.name, balance, rows, entries, files)


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


def _wait_until_told(history: History, receiver: Receiver) -> None:
    """Return when the receiver knows what has happened, or after `TELL_SECONDS`; the checks tell the rest."""
    facts = facts_to_tell(history)
    deadline = time.monotonic() + TELL_SECONDS
    while facts - receiver.delivered() and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)


def _until(
    seconds: float, customers: list[C], ask: Callable[[C], str], pool: ThreadPoolExecutor
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


def _file(file: Any) -> FileRow:
    charge = file["charge"] or {"entry_id": "", "refunded": "0"}
    return FileRow(
        id=file["id"],
        label=file["label"],
        status=file["status"],
        rows=file["rows"],
        valid_rows=file["valid_rows"],
        done_rows=file["done_rows"],
        price=minor(file["price"]) if file["price"] else None,
        unit_price=minor(file["unit_price"]) if file["unit_price"] else None,
        charge=charge["entry_id"],
        refunded=minor(charge["refunded"]),
        has_results=file["results_url"] is not None,
        finished_at=_time(file["finished_at"]),
        failure=file["failure"]["code"] if file["failure"] else "",
    )


def _time(text: str | None) -> float | None:
    return datetime.fromisoformat(text).timestamp() if text else None


def _row(row: Any) -> Row:
    return Row(
        id=row["id"],
        label=row["label"],
        status=row["status"],
        price=minor(row["price"]),
        refunded=row["charge"]["state"] == "refunded",
        has_result=row["approval_probability"] is not None,
        finished_at=_time(row["finished_at"]),
        failure=row["failure"]["code"] if row["failure"] else "",
    )


def _entry(entry: Any) -> Entry:
    return Entry(entry["id"], entry["kind"], minor(entry["amount"]), entry["reverses"])
