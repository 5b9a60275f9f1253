"""What a run tells: what was done, what customers met, how long they waited, and which checks failed."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import pairwise

from tests.chaos.checks import CHECKS, conflicts
from tests.chaos.file_checks import ended
from tests.chaos.history import History, Operation

# Different lines of a check that are shown, and of the log.
SHOWN = 20


def failed_checks(history: History) -> dict[str, list[str]]:
    """Return the faults found by each check that failed, by the check's name in words."""
    found = {check.__name__.replace("_", " "): list(check(history)) for check in CHECKS}
    return {name: lines for name, lines in found.items() if lines}


def report(history: History, failed: dict[str, list[str]]) -> Iterator[str]:
    """Yield the lines of the report."""
    yield from _counts(history)
    yield from _errors(history)
    yield from _times(history)
    yield from _files(history)
    yield from _webhooks(history)
    yield from _exits(history)
    yield f"\nChecks: {len(CHECKS) - len(failed)} of {len(CHECKS)} hold"
    for name, lines in failed.items():
        yield f"  FAILED: {name} ({len(lines)})"
        yield from _some(lines, "    ")
    if history.error_lines:
        yield "\nUnexpected errors in the log of the web role"
        yield from _some(history.error_lines, "  ")


def longest_outage(history: History) -> float:
    """The longest span of the load in which no order was acknowledged."""
    moments = [answer.at for order in history.orders() for answer in order.answers[:1]]
    inside = sorted(moment for moment in moments if history.load_from < moment < history.load_to)
    edges = [history.load_from, *inside, history.load_to]
    return max(after - before for before, after in pairwise(edges))


def longest_way(history: History) -> float:
    """The longest time from the acknowledgement of an order to its end."""
    rows = history.rows()
    ways = [
        finished - order.answers[0].at
        for order in history.orders()
        for pk in (order.answers[0].ids if order.answers else ())
        if pk in rows and (finished := rows[pk].finished_at) is not None
    ]
    return max([0.0, *ways])


def longest_file(history: History) -> float:
    """The longest time from the first acknowledged confirmation of a file to its end."""
    files = history.files()
    confirmed: dict[str, float] = {}
    for one in history.confirmations():
        confirmed[one.target] = min(one.answers[0].at, confirmed.get(one.target, one.answers[0].at))
    ways = [
        finished - at
        for pk, at in confirmed.items()
        if pk in files and (finished := files[pk].finished_at) is not None
    ]
    return max([0.0, *ways])


def _counts(history: History) -> Iterator[str]:
    seconds = history.load_to - history.load_from
    yield f"\nLoad: {seconds:.0f} s, {len(history.accounts)} customers, {len(history.faults)} faults"
    for what, operations in _by_what(history.operations).items():
        done = sum(operation.is_acknowledged for operation in operations)
        attempts = sum(len(operation.attempts) for operation in operations)
        refused = sum(operation.refusal is not None for operation in operations)
        yield f"  {what}: {len(operations)}, acknowledged {done}, refused {refused}, requests {attempts}"
    ends = Counter(f"{row.status} {row.failure}".strip() for row in history.rows().values())
    yield "Predictions: " + _listed(ends.most_common())


def _errors(history: History) -> Iterator[str]:
    """Everything for which a customer had to come back, by the fault before it."""
    errors: dict[str, Counter[str]] = defaultdict(Counter)
    for operation in history.operations:
        for attempt in operation.attempts:
            if attempt.is_retryable:
                errors[history.fault_at(attempt.ended)][attempt.kind] += 1
    times = Counter(fault.name for fault in history.faults)
    yield "\nErrors that customers met, by the fault that had begun before"
    for name in sorted({*times, *errors}):
        yield f"  {name} ({times[name]} ×): {_listed(errors[name].most_common()) or 'none'}"


def _times(history: History) -> Iterator[str]:
    found = [(operation, *conflict) for operation in history.operations for conflict in conflicts(operation)]
    since_first = [attempt.sent - operation.attempts[0].sent for operation, attempt, _age in found]
    ages = [age for _operation, _attempt, age in found]
    yield f"\nLongest time without an acknowledged order: {longest_outage(history):.1f} s"
    yield f"Longest time from an acknowledgement to the end of the order: {longest_way(history):.1f} s"
    yield (
        f"409 while in flight: {len(found)}, at most {max([0.0, *ages]):.1f} s after the end of the request "
        f"before, {max([0.0, *since_first]):.1f} s after the first sight of the key"
    )


def _files(history: History) -> Iterator[str]:
    files = list(history.files().values())
    ends = Counter(f"{file.status} {file.failure}".strip() for file in files)
    found = [pair for account in history.accounts for pair in ended(history, account)]
    scored = sum(count for _file, count in found)
    seconds = history.load_to - history.load_from
    # Of a canceled file, too, those without a result are refunded; here are those that could not be scored.
    failed = sum((file.valid_rows or 0) - count for file, count in found if file.status != "canceled")
    middle = Counter(fault.name for fault in history.faults if fault.in_the_middle)
    yield "\nFiles: " + (_listed(ends.most_common()) or "none")
    yield f"  rows with a result {scored}, {scored / seconds:.0f} for each second of load; failed {failed}"
    yield f"  longest time from the confirmation to the end of a file: {longest_file(history):.1f} s"
    yield "  faults in the middle of the work: " + (_listed(middle.most_common()) or "none")


def _webhooks(history: History) -> Iterator[str]:
    delivered = {(one.customer, one.event) for one in history.tries if one.is_delivered}
    answers = Counter(str(one.status or "none") for one in history.tries)
    yield f"Webhooks: {len(delivered)} delivered by {len(history.tries)} tries"
    yield f"  answers of the receiver: {_listed(answers.most_common())}"


def _exits(history: History) -> Iterator[str]:
    exits = Counter(f"{end.role} (code {end.code})" for end in history.exits)
    yield "Processes that ended by themselves: " + (_listed(exits.most_common()) or "none")


def _by_what(operations: Iterable[Operation]) -> dict[str, list[Operation]]:
    groups: dict[str, list[Operation]] = defaultdict(list)
    for operation in operations:
        groups[operation.what].append(operation)
    return dict(sorted(groups.items()))


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts)


def _some(lines: Iterable[str], indent: str) -> Iterator[str]:
    """Yield the commonest lines, each once with its count."""
    counts = Counter(lines).most_common()
    for line, count in counts[:SHOWN]:
        yield f"{indent}{line}" + (f" ({count} ×)" if count > 1 else "")
    if len(counts) > SHOWN:
        yield f"{indent}… and {len(counts) - SHOWN} other lines"
