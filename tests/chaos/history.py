"""What happened in a run, as its customers saw it. The checks and the report read only this."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

IN_FLIGHT = "request_in_flight"
# The customer is asked to come back; the same key must be sent again.
LATER = (429, 503)


class What(StrEnum):
    ORDER = "order"
    COMPARISON = "comparison"
    PAGE_ORDER = "order on the site"
    TOP_UP = "top-up"
    CANCEL = "cancellation"
    EXPLANATION = "explanation"
    READ = "read"


ORDERS = (What.ORDER, What.COMPARISON, What.PAGE_ORDER)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    # A JSON value for the API, the fields of a form for a page.
    body: dict[str, object] | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Attempt:
    """One request on the wire. Times are seconds since the epoch.

    `status` is 0 without an answer; `code` is then what happened to the connection, and `reached` is False if
    nobody listened.
    """

    sent: float
    ended: float
    status: int
    code: str = ""
    reached: bool = True
    retry_after: float | None = None

    @property
    def kind(self) -> str:
        return f"{self.status} {self.code}".strip() if self.status else self.code

    @property
    def in_flight(self) -> bool:
        return self.status == 409 and self.code == IN_FLIGHT

    @property
    def is_retryable(self) -> bool:
        """Whether a well-behaved client sends the same request again."""
        return self.status == 0 or self.status >= 500 or self.status == 429 or self.in_flight


@dataclass(frozen=True)
class Answer:
    """An acknowledgement: the ids of what was bought, booked or canceled, and its price in minor units."""

    at: float
    ids: tuple[str, ...]
    amount: int = 0


@dataclass
class Operation:
    """One thing that a customer wanted, with all its attempts under one key.

    `may_refuse` are the statuses of refusals that are in order for it. `refusal` is the final one.
    """

    customer: str
    what: What
    key: str
    request: Request
    may_refuse: tuple[int, ...] = ()
    # The key of the order that is canceled, the id of the prediction that is explained.
    target: str = ""
    # The path of what was ordered.
    address: str = ""
    attempts: list[Attempt] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    refusal: Attempt | None = None
    # Of an explanation: it has been given, not only promised.
    given: bool = False

    @property
    def is_acknowledged(self) -> bool:
        return bool(self.answers)

    @property
    def is_order(self) -> bool:
        return self.what in ORDERS

    @property
    def lost_answers(self) -> bool:
        """Whether the service may have done it before the customer heard of it."""
        return any(attempt.reached and attempt.is_retryable for attempt in self.attempts)

    @property
    def name(self) -> str:
        return f"{self.what} {self.key} of {self.customer}"


@dataclass(frozen=True)
class Row:
    """A prediction as the API lists it at the end. `label` is the key of its order."""

    id: str
    label: str
    status: str
    price: int
    refunded: bool
    has_result: bool
    finished_at: float | None = None
    failure: str = ""


@dataclass(frozen=True)
class Entry:
    """A ledger entry as the API lists it at the end."""

    id: str
    kind: str
    amount: int
    reverses: str | None = None


@dataclass(frozen=True)
class Account:
    """What a customer has at the end."""

    customer: str
    balance: int
    rows: list[Row]
    entries: list[Entry]


@dataclass(frozen=True)
class Span:
    """A fault from its begin to its repair."""

    name: str
    began: float
    ended: float


@dataclass(frozen=True)
class Exit:
    """A process that ended although nobody had killed it."""

    role: str
    at: float
    code: int


@dataclass
class History:
    load_from: float
    load_to: float
    operations: list[Operation] = field(default_factory=list)
    accounts: list[Account] = field(default_factory=list)
    faults: list[Span] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)
    # Faults that could not be carried out, and what else went wrong in the run itself.
    mishaps: list[str] = field(default_factory=list)
    ledger_code: int = 0
    ledger_output: str = ""
    # The answers of the web role to unexpected errors, each with its exception.
    error_lines: list[str] = field(default_factory=list)

    def orders(self) -> Iterator[Operation]:
        return (operation for operation in self.operations if operation.is_order)

    def rows(self) -> dict[str, Row]:
        return {row.id: row for account in self.accounts for row in account.rows}

    def fault_at(self, moment: float) -> str:
        """The last fault that had begun by then, which is the likeliest cause of what went wrong."""
        begun = [fault for fault in self.faults if fault.began <= moment]
        return max(begun, key=lambda fault: fault.began).name if begun else "before the first fault"
