"""What the service answers with. Members that a newer service adds are in `body`."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal, NotRequired, Self, TypedDict, cast
from uuid import UUID

Body = Mapping[str, Any]
PredictionStatus = Literal["queued", "running", "succeeded", "failed", "canceled"]
BatchStatus = Literal[
    "validating", "quoted", "queued", "running", "completed", "canceled", "failed", "expired"
]
OutcomeResult = Literal["repaid", "defaulted", "refused"]
PENDING = ("queued", "running")


class Applicant(TypedDict):
    """A loan application. `loan_percent_income` is computed if it is left out."""

    person_age: int
    person_income: int
    person_home_ownership: Literal["RENT", "OWN", "MORTGAGE", "OTHER"]
    person_emp_length: float | None
    loan_intent: Literal[
        "PERSONAL", "EDUCATION", "MEDICAL", "VENTURE", "HOMEIMPROVEMENT", "DEBTCONSOLIDATION"
    ]
    loan_grade: Literal["A", "B", "C", "D", "E", "F", "G"]
    loan_amnt: int
    loan_int_rate: float | None
    loan_percent_income: NotRequired[float | None]
    cb_person_default_on_file: Literal["Y", "N"]
    cb_person_cred_hist_length: int


@dataclass(frozen=True)
class Model:
    """`version` is None if the model cannot be ordered now."""

    slug: str
    name: str
    description: str
    price: Decimal
    currency: str
    version: str | None
    metrics: Mapping[str, float]
    body: Body

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(
            slug=body["slug"],
            name=body["name"],
            description=body["description"],
            price=Decimal(body["price"]),
            currency=body["currency"],
            version=body["version"],
            metrics=body["metrics"],
            body=body,
        )


@dataclass(frozen=True)
class Balance:
    balance: Decimal
    currency: str

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(Decimal(body["balance"]), body["currency"])


@dataclass(frozen=True)
class Entry:
    """A transaction. `reverses` is the charge that a refund pays back."""

    id: UUID
    kind: str
    amount: Decimal
    balance_after: Decimal
    currency: str
    reverses: UUID | None
    note: str
    created_at: datetime

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(
            id=UUID(body["id"]),
            kind=body["kind"],
            amount=Decimal(body["amount"]),
            balance_after=Decimal(body["balance_after"]),
            currency=body["currency"],
            reverses=UUID(body["reverses"]) if body["reverses"] else None,
            note=body["note"],
            created_at=datetime.fromisoformat(body["created_at"]),
        )


@dataclass(frozen=True)
class PendingPayment:
    """A top-up that a person has to pay at `payment_url`."""

    id: UUID
    status: str
    payment_url: str

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(UUID(body["id"]), body["status"], body["payment_url"])


@dataclass(frozen=True)
class Prediction:
    """The probabilities are None until the status is `succeeded`."""

    id: UUID
    model: str
    model_version: str
    status: PredictionStatus
    label: str
    applicant: Applicant
    approval_probability: float | None
    default_probability: float | None
    price: Decimal
    currency: str
    is_refunded: bool
    created_at: datetime
    finished_at: datetime | None
    failure: str | None
    outcome: OutcomeResult | None
    observed_on: date | None
    body: Body

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(
            id=UUID(body["id"]),
            model=body["model"],
            model_version=body["model_version"],
            status=body["status"],
            label=body["label"],
            applicant=cast("Applicant", body["applicant"]),
            approval_probability=body["approval_probability"],
            default_probability=body["default_probability"],
            price=Decimal(body["price"]),
            currency=body["currency"],
            is_refunded=body["charge"]["state"] == "refunded",
            created_at=datetime.fromisoformat(body["created_at"]),
            finished_at=_time(body["finished_at"]),
            failure=body["failure"]["code"] if body["failure"] else None,
            outcome=body["outcome"],
            observed_on=date.fromisoformat(body["observed_on"]) if body["observed_on"] else None,
            body=body,
        )

    @property
    def is_pending(self) -> bool:
        return self.status in PENDING


@dataclass(frozen=True)
class OutcomeError:
    """Why a row was not stored. `line` 2 is the first row."""

    line: int
    field: str
    code: str
    detail: str


@dataclass(frozen=True)
class ReportedOutcomes:
    """How many outcomes were stored, and why the others were not: the first 1,000 of each request."""

    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    errors: tuple[OutcomeError, ...] = ()

    def plus(self, body: Body) -> "ReportedOutcomes":
        """Return the sum with a further answer."""
        errors = (
            OutcomeError(error["line"] + self.rows, error["field"], error["code"], error["detail"])
            for error in body["errors"]
        )
        return ReportedOutcomes(
            rows=self.rows + body["rows"],
            new=self.new + body["new"],
            changed=self.changed + body["changed"],
            unchanged=self.unchanged + body["unchanged"],
            refused=self.refused + body["refused"],
            errors=(*self.errors, *errors),
        )


@dataclass(frozen=True)
class Comparison:
    """Predictions of all models about one applicant, with one price."""

    id: UUID
    status: Literal["running", "completed"]
    label: str
    price: Decimal
    currency: str
    predictions: list[Prediction]
    body: Body

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(
            id=UUID(body["id"]),
            status=body["status"],
            label=body["label"],
            price=Decimal(body["price"]),
            currency=body["currency"],
            predictions=[Prediction.of(part) for part in body["predictions"]],
            body=body,
        )

    @property
    def is_pending(self) -> bool:
        return self.status == "running"


@dataclass(frozen=True)
class Batch:
    """A file of applications. `price` is None until it is quoted."""

    id: UUID
    model: str
    label: str
    status: BatchStatus
    rows: int | None
    valid_rows: int | None
    done_rows: int
    failed_rows: int
    price: Decimal | None
    currency: str
    failure: str | None
    body: Body

    @classmethod
    def of(cls, body: Body) -> Self:
        failure = body["failure"]
        return cls(
            id=UUID(body["id"]),
            model=body["model"],
            label=body["label"],
            status=body["status"],
            rows=body["rows"],
            valid_rows=body["valid_rows"],
            done_rows=body["done_rows"] or 0,
            failed_rows=body["failed_rows"] or 0,
            price=None if body["price"] is None else Decimal(body["price"]),
            currency=body["currency"],
            failure=failure["code"] if isinstance(failure, dict) else failure,
            body=body,
        )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
