"""Made-up histories: a good one passes all checks, and each fault fails the check that is about it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos import file_checks, webhook_checks
from tests.chaos.checks import CHECKS
from tests.chaos.history import Answer, Entry, Exit, History, Row, Span, What
from tests.chaos.made_up import PRICE, attempt, good, of, operation
from tests.chaos.report import failed_checks, longest_outage, longest_way, report


def change_row(history: History, pk: str, **changes: object) -> None:
    rows = history.accounts[0].rows
    for number, row in enumerate(rows):
        if row.id == pk:
            rows[number] = replace(row, **changes)  # type: ignore[arg-type]


def change_account(history: History, **changes: object) -> None:
    history.accounts[0] = replace(history.accounts[0], **changes)  # type: ignore[arg-type]


def lose_an_order(history: History) -> None:
    history.accounts[0].rows[:] = [row for row in history.accounts[0].rows if row.id != "p1"]


def leave_an_order_running(history: History) -> None:
    change_row(history, "p1", status="running", has_result=False)


def answer_differently(history: History) -> None:
    of(history, "top-up").answers.append(Answer(15, ("t2",), 100_00))


def refuse_what_was_acknowledged(history: History) -> None:
    of(history, "cancel").refusal = attempt(409, "not_cancelable")


def charge_twice(history: History) -> None:
    history.accounts[0].rows.append(Row("p9", "order", "succeeded", PRICE, False, True))


def sell_unordered(history: History) -> None:
    history.accounts[0].rows.append(Row("p9", "nobody's", "succeeded", PRICE, False, True))


def charge_a_refused_order(history: History) -> None:
    history.accounts[0].rows.append(Row("p9", "poor", "succeeded", PRICE, False, True))


def take_a_cent(history: History) -> None:
    change_account(history, balance=history.accounts[0].balance - 1)


def keep_the_money_of_a_failed_order(history: History) -> None:
    change_account(history, balance=history.accounts[0].balance - PRICE)


def refund_a_result(history: History) -> None:
    change_row(history, "p1", refunded=True)


def neither_result_nor_refund(history: History) -> None:
    change_row(history, "p3", refunded=False)


def refund_twice(history: History) -> None:
    history.accounts[0].entries.append(Entry("r9", "refund", PRICE, "c3"))


def charge_for_nothing(history: History) -> None:
    history.accounts[0].entries.append(Entry("c9", "charge", -PRICE))


def find_a_fault_in_the_books(history: History) -> None:
    history.ledger_code = 1


def forget_an_explanation(history: History) -> None:
    of(history, "p1").given = False


def score_what_was_canceled(history: History) -> None:
    change_row(history, "p4", status="succeeded", refunded=False, has_result=True)


def cancel_and_deny_it(history: History) -> None:
    cancellation = of(history, "cancel")
    cancellation.answers, cancellation.refusal = [], attempt(409, "not_cancelable")


def never_answer(history: History) -> None:
    history.operations.append(operation(What.TOP_UP, "unheard", attempts=[attempt(0, "connection lost")]))


def refuse_without_a_reason(history: History) -> None:
    history.operations.append(operation(What.READ, "read", refusal=attempt(401, "not_authenticated")))


def hold_a_key_for_long(history: History) -> None:
    """Its request ended at 11; the key is still in flight at 16.5."""
    held = [
        attempt(0, "connection lost"),
        attempt(0, "connection refused", at=15, reached=False),
        attempt(409, "request_in_flight", at=16.5),
        attempt(201, at=18),
    ]
    of(history, "order").attempts = held


def fail_unexpectedly(history: History) -> None:
    of(history, "order").attempts.insert(0, attempt(500, "server_error"))


def be_away_without_saying_until_when(history: History) -> None:
    of(history, "order").attempts.insert(0, attempt(503, "model_unavailable"))


def fail_at_a_fault(history: History) -> None:
    history.mishaps.append("fault 'broker full': RedisError()")


def have_no_faults(history: History) -> None:
    history.faults = []


# What is wrong, and which checks see it.
FAULTS: list[tuple[Callable[[History], None], set[str]]] = [
    (
        lose_an_order,
        {"acknowledged orders end", "every charge gives a result or a refund"},
    ),
    (leave_an_order_running, {"acknowledged orders end"}),
    (answer_differently, {"a key has one answer"}),
    (refuse_what_was_acknowledged, {"a key has one answer"}),
    (charge_twice, {"a key is charged once", "every charge gives a result or a refund"}),
    (sell_unordered, {"a key is charged once", "every charge gives a result or a refund"}),
    (charge_a_refused_order, {"refused orders are not charged", "every charge gives a result or a refund"}),
    (take_a_cent, {"balances add up"}),
    (keep_the_money_of_a_failed_order, {"balances add up"}),
    (refund_a_result, {"every charge gives a result or a refund"}),
    (neither_result_nor_refund, {"every charge gives a result or a refund"}),
    (refund_twice, {"every charge gives a result or a refund"}),
    (charge_for_nothing, {"every charge gives a result or a refund"}),
    (find_a_fault_in_the_books, {"the books are right"}),
    (forget_an_explanation, {"promised explanations are given"}),
    (
        score_what_was_canceled,
        {"cancellations are true", "balances add up", "every charge gives a result or a refund"},
    ),
    (cancel_and_deny_it, {"cancellations are true"}),
    (never_answer, {"everybody gets an answer"}),
    (refuse_without_a_reason, {"refusals have a reason"}),
    (hold_a_key_for_long, {"keys are free soon"}),
    (fail_unexpectedly, {"failures are announced"}),
    (be_away_without_saying_until_when, {"failures are announced"}),
    (fail_at_a_fault, {"the run went as planned"}),
    (have_no_faults, {"the run went as planned"}),
]


def test_a_good_run_passes() -> None:
    assert failed_checks(good()) == {}


@pytest.mark.parametrize(("spoil", "expected"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_fault_fails_its_checks_alone(spoil: Callable[[History], None], expected: set[str]) -> None:
    history = good()
    spoil(history)
    assert set(failed_checks(history)) == expected


def test_every_check_is_about_one_of_these_faults() -> None:
    seen = set().union(*(names for _spoil, names in FAULTS))
    elsewhere = (file_checks.__name__, webhook_checks.__name__)
    here = [check for check in CHECKS if check.__module__ not in elsewhere]
    assert seen == {check.__name__.replace("_", " ") for check in here}


def test_a_run_without_orders_is_no_proof() -> None:
    history = History(10, 20, faults=[Span("broker full", 12, 15)])
    assert failed_checks(history) == {"the run went as planned": ["no order was acknowledged"]}


def test_announced_failures_and_short_conflicts_are_in_order() -> None:
    history = good()
    of(history, "order").attempts = [
        attempt(503, "database_unavailable", retry_after=1.0),
        attempt(0, "connection lost", at=12),
        attempt(409, "request_in_flight", at=14),
        attempt(0, "connection refused", at=15, reached=False),
        attempt(409, "request_in_flight", at=17.9),
        attempt(201, at=19),
    ]
    assert failed_checks(history) == {}


def test_an_outage_is_the_longest_span_without_an_order() -> None:
    """Orders at 11; the load lasts from 10 to 20."""
    history = good()
    assert longest_outage(history) == 9
    of(history, "order").answers = [Answer(16, ("p1",), PRICE)]
    assert longest_outage(history) == 5


def test_the_longest_way_leads_to_the_last_end() -> None:
    """The comparison is acknowledged at 11, and its second part ends at 18."""
    assert longest_way(good()) == 7


def test_the_report_tells_errors_by_fault() -> None:
    history = good()
    of(history, "order").attempts.insert(0, attempt(503, "database_unavailable", at=13, retry_after=1.0))
    history.exits = [Exit("worker", 13, 1)]
    text = "\n".join(report(history, failed_checks(history)))
    assert "broker full (1 ×): 503 database_unavailable 1" in text
    assert "Processes that ended by themselves: worker (code 1) 1" in text
    assert f"Checks: {len(CHECKS)} of {len(CHECKS)} hold" in text


def test_the_report_names_what_failed() -> None:
    history = good()
    take_a_cent(history)
    text = "\n".join(report(history, failed_checks(history)))
    assert "FAILED: balances add up (1)\n    alice has 7999, and should have 8000" in text
