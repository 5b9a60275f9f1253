"""What customers must see, in plain Python: balances, orders, keys. It knows neither tables nor tasks."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

PENDING = ("queued", "running")
# The kind of a request, and the variant that is bought or the id that is canceled.
What = tuple[str, int | UUID]


@dataclass(frozen=True)
class Sale:
    """A prediction. `claim` is that of the worker that has it. Ages are in seconds, and not compared."""

    owner: str
    price: int
    comparison: UUID | None = None
    status: str = "queued"
    refunded: bool = False
    comped: bool = False
    attempts: int = 0
    claim: UUID | None = None
    queued_for: float = field(default=0, compare=False)
    claimed_for: float = field(default=0, compare=False)

    def claimed(self, claim: UUID | None) -> "Sale":
        return replace(self, status="running", claim=claim, claimed_for=0, attempts=self.attempts + 1)

    def requeued(self) -> "Sale":
        return replace(self, status="queued", claim=None)

    def scored(self) -> "Sale":
        return replace(self, status="succeeded", claim=None)

    def refunded_as(self, status: str) -> "Sale":
        """Failed or canceled. What was refunded before stays refunded, once."""
        return replace(self, status=status, claim=None, refunded=True)

    def when_canceled(self) -> "Sale":
        return self.refunded_as("canceled") if self.status == "queued" and not self.comparison else self

    def when_worked_on(self, lease: float) -> "Sale":
        """After a worker has scored all that was queued, or that another one has claimed for too long."""
        free = self.status == "queued" or (self.status == "running" and self.claimed_for > lease)
        return self.claimed(None).scored() if free else self

    def when_finished(self, claim: UUID | None) -> "Sale":
        """After the worker with this claim has scored its rows."""
        return self.scored() if self.status == "running" and self.claim == claim else self

    def when_overdue(self, deadline: float) -> "Sale":
        """After somebody has looked for what is past its deadline."""
        late = self.status in PENDING and self.queued_for > deadline
        return self.refunded_as("failed") if late else self

    def when_retried(self) -> "Sale":
        """After an operator's retry: requeued, or queued again free of charge."""
        if self.status == "failed":
            return replace(self, status="queued", comped=True, attempts=0, queued_for=0)
        return self.requeued() if self.status == "running" else self

    def when_refunded(self) -> "Sale":
        """After an operator's refund."""
        return self.when_canceled() if self.status in PENDING else self.refunded_as(self.status)


Sales = dict[UUID, Sale]


@dataclass
class Use:
    """What a key was used for, the id of what came of it, and the stored answer, "" if there is none."""

    what: What
    result: str
    answer: str = ""


@dataclass
class Books:
    """All sales and top-ups by id, and the keys that customers have used."""

    sales: Sales = field(default_factory=dict)
    top_ups: dict[UUID, tuple[str, int]] = field(default_factory=dict)
    keys: dict[tuple[str, str], Use] = field(default_factory=dict)

    def balance(self, owner: str) -> int:
        paid = sum(amount for user, amount in self.top_ups.values() if user == owner)
        return paid - self.spent(owner)

    def spent(self, owner: str) -> int:
        """What was charged and not refunded."""
        kept = (sale for sale in self.sales.values() if sale.owner == owner and not sale.refunded)
        return sum(sale.price for sale in kept)

    @property
    def entries(self) -> int:
        """The number of ledger entries: one for each top-up and sale, one more for each refund."""
        return len(self.top_ups) + len(self.sales) + sum(sale.refunded for sale in self.sales.values())

    def with_status(self, *statuses: str) -> Sales:
        return {pk: sale for pk, sale in self.sales.items() if sale.status in statuses}

    def parts(self, comparison: UUID) -> Sales:
        return {pk: sale for pk, sale in self.sales.items() if sale.comparison == comparison}

    def age(self, seconds: float, *only: UUID) -> None:
        for pk, sale in self.with_status(*PENDING).items():
            if not only or pk in only:
                self.sales[pk] = replace(
                    sale, queued_for=sale.queued_for + seconds, claimed_for=sale.claimed_for + seconds
                )

    def expired(self, lease: float, max_attempts: int) -> Sales:
        """Return what workers have claimed for too long, as it must be when somebody has looked."""
        return {
            pk: sale.refunded_as("failed") if sale.attempts >= max_attempts else sale.requeued()
            for pk, sale in self.with_status("running").items()
            if sale.claimed_for > lease
        }

    def monitored(self, deadline: float, lease: float, max_attempts: int) -> Sales:
        """Return what a pass of the monitor changes, as it must be after it."""
        ended = {pk: sale.when_overdue(deadline) for pk, sale in self.sales.items()}
        overdue = {pk: sale for pk, sale in ended.items() if sale != self.sales[pk]}
        return self.expired(lease, max_attempts) | overdue

    def take_over(self, seen: Mapping[UUID, Sale], expected: Sales) -> None:
        """Check that the rows are as expected, or else unchanged; remember them."""
        assert seen == self.sales | expected
        self.sales |= expected

    def take_over_after_crash(self, seen: Mapping[UUID, Sale], *steps: Sales, whole: bool = False) -> None:
        """Check that each row is as before, or as one of `steps` has left it; remember what it is.

        `whole`: it was one transaction, so that all rows of its one step have changed, or none.
        """
        assert seen.keys() == self.sales.keys()
        changed = {pk for pk, row in seen.items() if row != self.sales[pk]}
        assert not whole or changed in (
            set(),
            {pk for pk, sale in steps[0].items() if sale != self.sales[pk]},
        )
        for pk in changed:
            possible = [step[pk] for step in steps if pk in step]
            assert seen[pk] in possible
            self.sales[pk] = possible[possible.index(seen[pk])]
