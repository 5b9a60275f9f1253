"""A made-up history that passes all checks, for tests that spoil it."""

from dataclasses import replace

from tests.chaos.history import (
    Account,
    Answer,
    Attempt,
    Entry,
    FileRow,
    History,
    Operation,
    Request,
    Results,
    Row,
    Sample,
    SentFile,
    Span,
    Try,
    What,
)

PRICE = 10_00


def attempt(status: int, code: str = "", *, at: float = 10, took: float = 1, **details: object) -> Attempt:
    return replace(Attempt(at, at + took, status, code), **details)  # type: ignore[arg-type]


def operation(
    what: What, key: str, *ids: str, amount: int = 0, customer: str = "alice", **details: object
) -> Operation:
    """Acknowledged at once if there are ids."""
    made = Operation(customer, what, key, Request("POST", f"/{what}"), attempts=[attempt(202)])
    made.answers = [Answer(11, ids, amount)] if ids else []
    for name, value in details.items():
        setattr(made, name, value)
    return made


def good() -> History:
    """An order with its explanation, a comparison that failed in part, and two that cost nothing."""
    refusal = attempt(402, "insufficient_funds")
    rows = [
        Row("p1", "order", "succeeded", PRICE, False, True, finished_at=12),
        Row("p2", "comparison", "succeeded", PRICE, False, True, finished_at=14),
        Row("p3", "comparison", "failed", PRICE, True, False, finished_at=18, failure="deadline_passed"),
        Row("p4", "canceled", "canceled", PRICE, True, False, finished_at=11.5),
    ]
    entries = [
        Entry("t1", "top_up", 100_00),
        *(Entry(f"c{number}", "charge", -PRICE) for number in range(1, 5)),
        Entry("r3", "refund", PRICE, "c3"),
        Entry("r4", "refund", PRICE, "c4"),
    ]
    history = History(10, 20)
    history.faults = [Span("broker full", 12, 15)]
    history.accounts = [Account("alice", 100_00 - 2 * PRICE, rows, entries)]
    history.operations = [
        operation(What.TOP_UP, "top-up", "t1", amount=100_00),
        operation(What.ORDER, "order", "p1", amount=PRICE),
        operation(What.COMPARISON, "comparison", "p2", "p3", amount=2 * PRICE),
        operation(What.ORDER, "canceled", "p4", amount=PRICE),
        operation(What.CANCEL, "cancel", "p4", target="canceled", may_refuse=(409,)),
        operation(What.ORDER, "poor", refusal=refusal, may_refuse=(402,)),
        operation(What.EXPLANATION, "p1", answers=[Answer(13, ())], target="p1", given=True),
    ]
    _send_files(history)
    return history


def _send_files(history: History) -> None:
    """Bob's: one with a row that failed, one that was canceled at once, one that was not confirmed.

    He has ordered a row alone, and has a webhook.
    """
    rows = [Row("b1", "alone", "succeeded", PRICE, False, True, finished_at=12)]
    entries = [
        Entry("bt", "top_up", 200_00),
        *(Entry("f1c", "charge", -90_00), Entry("f1r", "refund", 10_00, "f1c")),
        *(Entry("f2c", "charge", -50_00), Entry("f2r", "refund", 50_00, "f2c")),
        Entry("bc", "charge", -PRICE),
    ]
    files = [
        FileRow("f1", "one", "completed", 10, 9, 8, 90_00, 10_00, "f1c", 10_00, True, finished_at=17),
        FileRow("f2", "two", "canceled", 6, 5, 0, 50_00, 10_00, "f2c", 50_00, finished_at=13),
        FileRow("f3", "three", "quoted", 4, 4, 0, 40_00, 10_00),
    ]
    sample = Sample("f1", "catboost", {}, "0.500000", "0.500000")
    history.accounts.append(Account("bob", 120_00 - PRICE, rows, entries, files))
    history.sent_files = [
        SentFile("bob", "one", "catboost", False, 10, 9, "f1", 90_00, Results(8, samples=(sample,))),
        SentFile("bob", "two", "catboost", True, 6, 5, "f2", 50_00),
        SentFile("bob", "three", "catboost", False, 4, 4, "f3", 40_00),
    ]
    history.samples = [sample]
    history.operations += [
        operation(What.TOP_UP, "bob's", "bt", amount=200_00, customer="bob"),
        operation(What.ORDER, "alone", "b1", amount=PRICE, customer="bob"),
        operation(What.CONFIRMATION, "pay one", "f1", "f1c", amount=90_00, customer="bob", target="f1"),
        operation(What.CONFIRMATION, "pay two", "f2", "f2c", amount=50_00, customer="bob", target="f2"),
        operation(What.FILE_CANCEL, "cancel two", "f2", customer="bob", target="f2", may_refuse=(409,)),
    ]
    history.faults.append(Span("bulk worker killed in a file", 15, 16, in_the_middle=True))
    history.listeners = {"bob"}
    history.tries = [
        Try("bob", "e1", "batch.quoted", "f1", "quoted", 10, 500),
        Try("bob", "e1", "batch.quoted", "f1", "quoted", 16, 204),
        Try("bob", "e2", "batch.quoted", "f2", "quoted", 10, 204),
        Try("bob", "e3", "batch.quoted", "f3", "quoted", 10, 204),
        Try("bob", "e4", "prediction.succeeded", "b1", "succeeded", 12, 204),
        Try("bob", "e5", "batch.completed", "f1", "completed", 17, 204),
    ]


def of(history: History, key: str) -> Operation:
    return next(operation for operation in history.operations if operation.key == key)
