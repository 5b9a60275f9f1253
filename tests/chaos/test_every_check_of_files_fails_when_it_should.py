"""A made-up history with files and webhooks: each fault in it fails the checks that are about it, alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.chaos import file_checks, webhook_checks
from tests.chaos.checks import CHECKS
from tests.chaos.history import Answer, Entry, History, SentFile, Span, Try, What
from tests.chaos.made_up import attempt, good, of, operation
from tests.chaos.report import failed_checks, longest_file, report


def change_file(history: History, pk: str, **changes: object) -> None:
    files = history.accounts[1].files
    for number, file in enumerate(files):
        if file.id == pk:
            files[number] = replace(file, **changes)  # type: ignore[arg-type]


def sent(history: History, pk: str) -> SentFile:
    return next(file for file in history.sent_files if file.id == pk)


def score(history: History, pk: str, scored: int, *faults: str) -> None:
    """The file of results has so many rows with a result."""
    found = sent(history, pk).results
    assert found
    sent(history, pk).results = replace(found, scored=scored, faults=faults)


def entries(history: History) -> list[Entry]:
    return history.accounts[1].entries


def lose_a_file(history: History) -> None:
    history.accounts[1].files.pop()
    history.tries = [one for one in history.tries if one.id != "f3"]


def check_a_file_forever(history: History) -> None:
    change_file(history, "f3", status="validating", rows=None, valid_rows=None, price=None, unit_price=None)
    history.tries = [one for one in history.tries if one.id != "f3"]


def leave_a_file_running(history: History) -> None:
    change_file(history, "f1", status="running", finished_at=None, done_rows=0, refunded=0, has_results=False)
    sent(history, "f1").results = None
    entries(history).remove(Entry("f1r", "refund", 10_00, "f1c"))
    history.accounts[1] = replace(history.accounts[1], balance=history.accounts[1].balance - 10_00)
    history.tries.pop()


def charge_an_unconfirmed_file(history: History) -> None:
    entries(history).append(Entry("f3c", "charge", -40_00))
    change_file(history, "f3", charge="f3c")


def charge_another_price(history: History) -> None:
    at = entries(history).index(Entry("f1c", "charge", -90_00))
    entries(history)[at] = Entry("f1c", "charge", -91_00)


def tell_another_price(history: History) -> None:
    of(history, "pay one").answers[0] = Answer(11, ("f1", "f1c"), 91_00)


def pay_twice(history: History) -> None:
    """The second confirmation, with a key of its own, has a charge of its own."""
    again = operation(What.CONFIRMATION, "again", "f1", "other", amount=90_00, customer="bob", target="f1")
    history.operations.append(again)
    entries(history).append(Entry("other", "charge", -90_00))


def refund_too_little(history: History) -> None:
    at = entries(history).index(Entry("f1r", "refund", 10_00, "f1c"))
    entries(history)[at] = Entry("f1r", "refund", 9_00, "f1c")


def refund_in_two_entries(history: History) -> None:
    at = entries(history).index(Entry("f1r", "refund", 10_00, "f1c"))
    entries(history)[at] = Entry("f1r", "refund", 4_00, "f1c")
    entries(history).append(Entry("f1s", "refund", 6_00, "f1c"))


def refund_a_row_with_a_result(history: History) -> None:
    score(history, "f1", 9)


def count_another_number_of_rows(history: History) -> None:
    change_file(history, "f1", done_rows=7)


def swap_two_rows(history: History) -> None:
    score(history, "f1", 8, "row 3 is [4] instead of [3]")


def overlook_a_bad_row(history: History) -> None:
    change_file(history, "f3", valid_rows=3)


def read_no_results(history: History) -> None:
    """That alone says that no row has one."""
    sent(history, "f1").results = None


def score_differently_alone(history: History) -> None:
    history.samples[0] = replace(history.samples[0], alone="0.500001")


def order_no_row_alone(history: History) -> None:
    history.samples.clear()


def go_on_with_a_canceled_file(history: History) -> None:
    change_file(history, "f2", status="failed", failure="scoring_failed")
    history.tries.append(Try("bob", "e6", "batch.completed", "f2", "failed", 13, 204))


def cancel_a_file_and_deny_it(history: History) -> None:
    one = of(history, "cancel two")
    one.answers, one.refusal = [], attempt(409, "not_cancelable")


def sign_with_another_secret(history: History) -> None:
    history.tries.append(Try("bob", "e1", "WebhookVerificationError", "", "", 12, 400, is_signed=False))


def forget_an_event(history: History) -> None:
    history.tries.pop()


def deliver_an_event_to_nobody(history: History) -> None:
    history.tries[-1] = replace(history.tries[-1], status=500)


def tell_of_a_cancellation(history: History) -> None:
    history.tries.append(Try("bob", "e6", "batch.completed", "f2", "canceled", 13, 204))


def tell_somebody_else(history: History) -> None:
    history.tries.append(Try("carol", "e6", "batch.completed", "f1", "completed", 13, 204))


def write_an_event_twice(history: History) -> None:
    history.tries.append(Try("bob", "e6", "batch.completed", "f1", "completed", 18, 204))


def use_an_id_twice(history: History) -> None:
    history.tries[-1] = replace(history.tries[-1], event="e4")


def complete_nothing(history: History) -> None:
    """Its rows have their results, as of a file that was canceled late."""
    change_file(history, "f1", status="canceled")
    history.tries.pop()


def kill_an_idle_worker(history: History) -> None:
    history.faults[-1] = replace(history.faults[-1], in_the_middle=False)


PAID, ROWS = "files are paid once at their price", "rows of files are scored or refunded"
RESULTS, TOLD = "files of results have every row in order", "what has happened is told"
BALANCES = "balances add up"
# What is wrong, and which checks see it.
FAULTS: list[tuple[Callable[[History], None], set[str]]] = [
    (lose_a_file, {"confirmed files end"}),
    (check_a_file_forever, {"confirmed files end"}),
    (leave_a_file_running, {"confirmed files end", "the run went as planned"}),
    (charge_an_unconfirmed_file, {PAID}),
    (charge_another_price, {PAID}),
    (tell_another_price, {PAID, BALANCES}),
    (pay_twice, {PAID, "every charge gives a result or a refund"}),
    (refund_too_little, {ROWS}),
    (refund_in_two_entries, {ROWS}),
    (refund_a_row_with_a_result, {ROWS, BALANCES}),
    (count_another_number_of_rows, {ROWS}),
    (swap_two_rows, {RESULTS}),
    (overlook_a_bad_row, {RESULTS}),
    (read_no_results, {RESULTS, ROWS, BALANCES}),
    (score_differently_alone, {"rows of files are scored like orders"}),
    (order_no_row_alone, {"rows of files are scored like orders"}),
    (go_on_with_a_canceled_file, {"cancellations of files are true"}),
    (cancel_a_file_and_deny_it, {"cancellations of files are true"}),
    (sign_with_another_secret, {"messages are signed"}),
    (forget_an_event, {TOLD}),
    (deliver_an_event_to_nobody, {TOLD}),
    (tell_of_a_cancellation, {"nothing else is told"}),
    (tell_somebody_else, {"nothing else is told"}),
    (write_an_event_twice, {"every try has the id of its event"}),
    (use_an_id_twice, {"every try has the id of its event"}),
    (complete_nothing, {"the run went as planned"}),
    (kill_an_idle_worker, {"the run went as planned"}),
]


@pytest.mark.parametrize(("spoil", "expected"), FAULTS, ids=lambda value: getattr(value, "__name__", ""))
def test_a_fault_fails_its_checks_alone(spoil: Callable[[History], None], expected: set[str]) -> None:
    history = good()
    spoil(history)
    assert set(failed_checks(history)) == expected


def test_every_check_of_files_and_webhooks_is_about_one_of_these_faults() -> None:
    seen = set().union(*(names for _spoil, names in FAULTS))
    here = (file_checks.__name__, webhook_checks.__name__)
    assert seen >= {check.__name__.replace("_", " ") for check in CHECKS if check.__module__ in here}


def test_the_longest_file_is_from_its_first_confirmation_to_its_end() -> None:
    history = good()
    again = operation(What.CONFIRMATION, "again", "f1", "f1c", amount=90_00, customer="bob", target="f1")
    again.answers = [Answer(16, ("f1", "f1c"), 90_00)]
    history.operations.append(again)
    assert longest_file(history) == 6
    assert failed_checks(history) == {}


def test_a_fault_that_met_its_process_once_is_enough() -> None:
    history = good()
    history.faults.append(Span("bulk processes killed in a file", 17, 18, in_the_middle=False))
    assert failed_checks(history) == {}


def test_the_report_tells_of_files_and_webhooks() -> None:
    history = good()
    text = "\n".join(report(history, failed_checks(history)))
    assert "Files: completed 1, canceled 1, quoted 1" in text
    assert "rows with a result 8, 1 for each second of load; failed 1" in text
    assert "longest time from the confirmation to the end of a file: 6.0 s" in text
    assert "in the middle of the work: bulk worker killed in a file 1" in text
    assert "Webhooks: 5 delivered by 6 tries" in text
    assert "answers of the receiver: 204 5, 500 1" in text
