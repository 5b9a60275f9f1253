"""What happened in a run, as its customers saw it. The checks and the report read only this."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

IN_FLIGHT = "request_in_flight"


class What(StrEnum):
    ORDER = "order"
    COMPARISON = "comparison"
    PAGE_ORDER = "order on the site"
    TOP_UP = "top-up"
    CANCEL = "cancellation"
    EXPLANATION = "explanation"
    UPLOAD = "upload"
    CONFIRMATION = "confirmation of a file"
    FILE_CANCEL = "cancellation of a file"
    READ = "read"


ORDERS = (What.ORDER, What.COMPARISON, What.PAGE_ORDER)


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    # A JSON value for the API, the fields of a form for a page.
    body: dict[str, object] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    # The exact body instead, of the type in `headers`.
    content: bytes | None = field(default=None, repr=False)


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
    """An acknowledgement: the ids of what was bought, booked or canceled, and its price in minor units.

    That of a confirmation has the ids of the file and of its charge.
    """

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
    # The key of the order that is canceled, the id of the prediction that is explained or of the file.
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
class Results:
    """What is in a file of results: how many rows have one, what is wrong with it, and some of its rows."""

    scored: int
    faults: tuple[str, ...] = ()
    samples: tuple["Sample", ...] = ()


@dataclass(frozen=True)
class Sample:
    """A row of a file, and its result as it was written there. `alone` is that of an order of the same."""

    file: str
    model: str
    applicant: dict[str, object] = field(repr=False)
    approval: str
    alone: str = ""


@dataclass
class SentFile:
    """A file as its customer knows it: what was sent, and what was learned of it. `key` is its label."""

    customer: str
    key: str
    model: str
    reasons: bool
    rows: int
    # Those that can be scored.
    good: int
    id: str = ""
    # The price that was asked for, in minor units.
    price: int | None = None
    results: Results | None = None


@dataclass(frozen=True)
class FileRow:
    """A file as the API lists it at the end. `charge` is the id of the entry that has paid for it."""

    id: str
    label: str
    status: str
    rows: int | None
    valid_rows: int | None
    done_rows: int
    price: int | None
    unit_price: int | None
    charge: str = ""
    refunded: int = 0
    has_results: bool = False
    finished_at: float | None = None
    failure: str = ""


@dataclass(frozen=True)
class Try:
    """A request to a customer's webhook. `status` is that of the answer, 0 if there was none."""

    customer: str
    event: str
    type: str
    id: str
    state: str
    at: float
    status: int
    # Whether its signature is right.
    is_signed: bool = True

    @property
    def fact(self) -> tuple[str, str, str]:
        """What it tells: that the thing with this id has come to this state."""
        return self.type, self.id, self.state

    @property
    def is_delivered(self) -> bool:
        return 200 <= self.status < 300


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
    files: list[FileRow] = field(default_factory=list)


@dataclass(frozen=True)
class Span:
    """A fault from its begin to its repair.

    `in_the_middle` is None of one that may come at any time; of the others, whether it has met its process in
    the middle of what it was meant to interrupt.
    """

    name: str
    began: float
    ended: float
    in_the_middle: bool | None = None


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
    sent_files: list[SentFile] = field(default_factory=list)
    samples: list[Sample] = field(default_factory=list)
    # The customers who have a webhook, and all that it has received.
    listeners: set[str] = field(default_factory=set)
    tries: list[Try] = field(default_factory=list)
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

    def files(self) -> dict[str, FileRow]:
        return {file.id: file for account in self.accounts for file in account.files}

    def confirmations(self) -> Iterator[Operation]:
        """Those that were acknowledged."""
        return (one for one in self.operations if one.what is What.CONFIRMATION and one.answers)

    def fault_at(self, moment: float) -> str:
        """The last fault that had begun by then, which is the likeliest cause of what went wrong."""
        begun = [fault for fault in self.faults if fault.began <= moment]
        return max(begun, key=lambda fault: fault.began).name if begun else "before the first fault"
