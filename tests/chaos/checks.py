"""What must hold after a run. Each check yields a line for everything that is wrong."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from tests.chaos import file_checks, webhook_checks
from tests.chaos.history import Account, Attempt, History, Operation, What
from tests.chaos.logs import without_ids

ENDS = ("succeeded", "failed", "canceled")
# A key whose request has died is free after this time.
IN_FLIGHT_SECONDS = 5.0
# What the service answers while it is away, or its disk is full.
AWAY = (503, 507)

Check = Callable[[History], Iterator[str]]


def acknowledged_orders_end(history: History) -> Iterator[str]:
    rows = history.rows()
    for order in history.orders():
        for pk in sorted({pk for answer in order.answers for pk in answer.ids}):
            if pk not in rows:
                yield f"{order.name}: prediction {pk} was acknowledged and is lost"
            elif rows[pk].status not in ENDS:
                yield f"{order.name}: prediction {pk} is still {rows[pk].status}"


def a_key_has_one_answer(history: History) -> Iterator[str]:
    for operation in history.operations:
        answers = {answer.ids for answer in operation.answers}
        if len(answers) > 1:
            yield f"{operation.name}: {len(answers)} different answers: {sorted(answers)}"
        if operation.answers and operation.refusal:
            yield f"{operation.name}: acknowledged, and refused with {operation.refusal.kind}"


def a_key_is_charged_once(history: History) -> Iterator[str]:
    """Orders carry their key in their label, so all that the service has made of a key is found by it."""
    made: dict[str, set[str]] = defaultdict(set)
    for row in history.rows().values():
        made[row.label].add(row.id)
    keys = set()
    for order in history.orders():
        keys.add(order.key)
        told = {pk for answer in order.answers for pk in answer.ids}
        if order.answers and made[order.key] - told:
            yield f"{order.name}: charged also for {sorted(made[order.key] - told)}"
    for label in sorted(set(made) - keys):
        yield f"nobody ordered {sorted(made[label])}, with the label {label!r}"


def refused_orders_are_not_charged(history: History) -> Iterator[str]:
    made = {row.label for row in history.rows().values()}
    for order in history.orders():
        if order.refusal and not order.answers and order.key in made:
            yield f"{order.name}: refused with {order.refusal.kind}, and charged"


def balances_add_up(history: History) -> Iterator[str]:
    """From what the customer was told: top-ups, less orders and files, and what came back of them."""
    for account in history.accounts:
        expected = sum(_movements(history, account))
        if account.balance != expected:
            yield f"{account.customer} has {account.balance}, and should have {expected}"


def every_charge_gives_a_result_or_a_refund(history: History) -> Iterator[str]:
    for account in history.accounts:
        of_files = {file.charge for file in account.files if file.charge}
        entries = [entry for entry in account.entries if not {entry.id, entry.reverses} & of_files]
        refunds = Counter(entry.reverses for entry in entries if entry.kind == "refund")
        charges = [entry.id for entry in entries if entry.kind == "charge"]
        if len(charges) != len(account.rows):
            yield f"{account.customer}: {len(charges)} charges for {len(account.rows)} predictions"
        if sum(refunds.values()) != sum(row.refunded for row in account.rows):
            yield f"{account.customer}: {sum(refunds.values())} refunds for other predictions than these"
        for charge, count in refunds.items():
            if charge not in charges or count > 1:
                yield f"{account.customer}: {count} refunds of {charge}"
        for row in account.rows:
            if row.status in ENDS and row.has_result == row.refunded:
                yield f"{account.customer}: {row.status} prediction {row.id} has both or neither"


def the_books_are_right(history: History) -> Iterator[str]:
    if history.ledger_code:
        yield f"check_ledger has ended with {history.ledger_code}: {history.ledger_output.strip()}"


def promised_explanations_are_given(history: History) -> Iterator[str]:
    succeeded = {row.id for row in history.rows().values() if row.status == "succeeded"}
    for operation in history.operations:
        if operation.what is What.EXPLANATION and operation.target in succeeded and not operation.given:
            yield f"{operation.name}: not given"


def cancellations_are_true(history: History) -> Iterator[str]:
    """What was canceled stays canceled, and what could not be canceled is not."""
    rows = history.rows()
    canceled = {row.label for row in rows.values() if row.status == "canceled"}
    for operation in history.operations:
        if operation.what is not What.CANCEL:
            continue
        for pk in {pk for answer in operation.answers for pk in answer.ids}:
            if rows[pk].status != "canceled":
                yield f"{operation.name}: prediction {pk} is {rows[pk].status}"
        if operation.refusal and not operation.answers and operation.target in canceled:
            yield f"{operation.name}: refused with {operation.refusal.kind}, and done"


def everybody_gets_an_answer(history: History) -> Iterator[str]:
    for operation in history.operations:
        if not operation.answers and not operation.refusal:
            kinds = Counter(attempt.kind for attempt in operation.attempts)
            yield f"{operation.name}: no answer after {len(operation.attempts)} attempts: {dict(kinds)}"


def refusals_have_a_reason(history: History) -> Iterator[str]:
    """Only what was meant to be refused is refused."""
    for operation in history.operations:
        refusal = operation.refusal
        if refusal and refusal.status not in operation.may_refuse:
            yield f"{operation.name}: refused with {refusal.kind}"


def keys_are_free_soon(history: History) -> Iterator[str]:
    for operation in history.operations:
        oldest = max((age for _attempt, age in conflicts(operation)), default=0.0)
        if oldest > IN_FLIGHT_SECONDS:
            yield f"{operation.name}: still in flight {oldest:.1f} s after its request had ended"


def failures_are_announced(history: History) -> Iterator[str]:
    """The service may be away for a while, and says so with Retry-After; there is no other 5xx."""
    for operation in history.operations:
        for attempt in operation.attempts:
            announced = attempt.status in AWAY and attempt.retry_after is not None
            if attempt.status >= 500 and not announced:
                asked = f"{operation.request.method} {without_ids(operation.request.path)}"
                yield f"{asked}: {attempt.kind}, after: {history.fault_at(attempt.ended)}"


def the_run_went_as_planned(history: History) -> Iterator[str]:
    """The load was there, and so were the faults."""
    yield from history.mishaps
    if not any(order.answers for order in history.orders()):
        yield "no order was acknowledged"
    if not history.faults:
        yield "there was no fault"
    if history.sent_files and not any(file.status == "completed" for file in history.files().values()):
        yield "no file was completed"
    moments = [fault.in_the_middle for fault in history.faults if fault.name.startswith("bulk")]
    if moments and not any(moments):
        yield "the bulk worker was never met in the middle of a file"


CHECKS: tuple[Check, ...] = (
    acknowledged_orders_end,
    a_key_has_one_answer,
    a_key_is_charged_once,
    refused_orders_are_not_charged,
    balances_add_up,
    every_charge_gives_a_result_or_a_refund,
    the_books_are_right,
    promised_explanations_are_given,
    cancellations_are_true,
    everybody_gets_an_answer,
    refusals_have_a_reason,
    keys_are_free_soon,
    failures_are_announced,
    file_checks.confirmed_files_end,
    file_checks.files_are_paid_once_at_their_price,
    file_checks.rows_of_files_are_scored_or_refunded,
    file_checks.files_of_results_have_every_row_in_order,
    file_checks.rows_of_files_are_scored_like_orders,
    file_checks.cancellations_of_files_are_true,
    webhook_checks.messages_are_signed,
    webhook_checks.what_has_happened_is_told,
    webhook_checks.nothing_else_is_told,
    webhook_checks.every_try_has_the_id_of_its_event,
    the_run_went_as_planned,
)


def conflicts(operation: Operation) -> Iterator[tuple[Attempt, float]]:
    """Yield every answer "in flight", with the seconds since the last request that can have held the key.

    Such a request has reached the service, and its client knows that it has ended. One that the service was
    told of only in an answer "in flight" holds nothing.
    """
    ended = None
    for attempt in operation.attempts:
        if attempt.in_flight:
            yield attempt, max(0.0, attempt.sent - ended) if ended is not None else 0.0
        elif attempt.reached:
            ended = attempt.ended


def _movements(history: History, account: Account) -> Iterator[int]:
    paid = {one.target: one.answers[0].amount for one in history.confirmations()}
    yield from (-paid[file.id] for file in account.files if file.id in paid)
    for file, scored in file_checks.ended(history, account):
        yield (file.unit_price or 0) * ((file.valid_rows or 0) - scored)
    rows = {row.id: row for row in account.rows}
    for operation in history.operations:
        if operation.customer != account.customer or not operation.answers:
            continue
        first = operation.answers[0]
        if operation.what is What.TOP_UP:
            yield first.amount
        elif operation.is_order:
            yield -first.amount
            ended = [rows[pk] for pk in first.ids if pk in rows]
            yield sum(row.price for row in ended if row.status in ("failed", "canceled"))
