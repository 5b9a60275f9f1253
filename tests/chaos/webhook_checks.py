"""What must hold for webhooks after a run. Each check yields a line for everything that is wrong."""

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.history import History

# The customer who is told, the type of the event, the id of the thing, and its state.
Fact = tuple[str, str, str, str]


def messages_are_signed(history: History) -> Iterator[str]:
    for one in history.tries:
        if not one.is_signed:
            yield f"a message to {one.customer} cannot be verified: {one.type}"


def what_has_happened_is_told(history: History) -> Iterator[str]:
    delivered = {(one.customer, *one.fact) for one in history.tries if one.is_delivered}
    for customer, *fact in sorted(facts_to_tell(history) - delivered):
        yield f"{customer} was not told {fact}"


def nothing_else_is_told(history: History) -> Iterator[str]:
    facts = facts_to_tell(history)
    for told in sorted({(one.customer, *one.fact) for one in history.tries if one.is_signed} - facts):
        yield f"{told[0]} was told {list(told[1:])}, which has not happened"


def every_try_has_the_id_of_its_event(history: History) -> Iterator[str]:
    events, facts = defaultdict(set), defaultdict(set)
    for one in history.tries:
        if one.is_signed:
            events[one.customer, one.fact].add(one.event)
            facts[one.event].add(one.fact)
    for (customer, fact), ids in events.items():
        if len(ids) > 1:
            yield f"{customer} was told {list(fact)} as {len(ids)} events"
    for event, told in facts.items():
        if len(told) > 1:
            yield f"event {event} has told {sorted(told)}"


def facts_to_tell(history: History) -> set[Fact]:
    """Return what those with a webhook must be told of the rows in their accounts, and nothing else."""
    facts: set[Fact] = set()
    for account in history.accounts:
        if account.customer not in history.listeners:
            continue
        for row in account.rows:
            if row.status in ("succeeded", "failed"):
                facts.add((account.customer, f"prediction.{row.status}", row.id, row.status))
        for file in account.files:
            if file.price is not None:
                facts.add((account.customer, "batch.quoted", file.id, "quoted"))
            if file.status in ("completed", "failed"):
                facts.add((account.customer, "batch.completed", file.id, file.status))
    return facts
