"""Predictions and comparisons."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from creditscore_client.errors import StillPending
from creditscore_client.explanation_records import Explanation, WhatIf
from creditscore_client.outcomes import Row, send_outcomes
from creditscore_client.records import (
    Applicant,
    Comparison,
    OutcomeResult,
    Prediction,
    ReportedOutcomes,
)
from creditscore_client.sending import new_key, pages, wait_for
from creditscore_client.sharing_records import ShareLink
from creditscore_client.transport import ACCEPTED, Answer, Request, Transport

# The service waits no longer than this.
MAX_SERVER_WAIT = 10


class Predictions:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def order(
        self,
        model: str,
        applicant: Applicant,
        *,
        label: str = "",
        key: str | None = None,
        wait: int = MAX_SERVER_WAIT,
    ) -> Prediction:
        """Buy a prediction; return it finished if that takes at most `wait` seconds, otherwise pending.

        `key` names the order: with the same key, the same order is charged once, also after a restart of
        the program. Without one, a new key is used for this call and its repetitions.
        """
        body = {"model": model, "applicant": applicant} | ({"label": label} if label else {})
        headers = {"Prefer": f"wait={min(wait, MAX_SERVER_WAIT)}"} if wait > 0 else {}
        request = Request("POST", "predictions/", json=body, key=key or new_key(), headers=headers)
        return Prediction.of(self._transport.send(request).body)

    def predict(
        self,
        model: str,
        applicant: Applicant,
        *,
        label: str = "",
        key: str | None = None,
        timeout: float = 60,
    ) -> Prediction:
        """Buy a prediction and wait for its end. Raises `StillPending` after `timeout` seconds.

        It has succeeded if it has a probability; one that has failed is refunded.
        """
        started = time.monotonic()
        ordered = self.order(model, applicant, label=label, key=key)
        if not ordered.is_pending:
            return ordered
        return self.wait(ordered.id, timeout - (time.monotonic() - started))

    def wait(self, prediction: UUID, timeout: float = 60) -> Prediction:
        """Return the prediction when it has ended. Raises `StillPending` after `timeout` seconds."""
        return wait_for(lambda: self.get(prediction), timeout)

    def get(self, prediction: UUID) -> Prediction:
        return Prediction.of(self._transport.send(Request("GET", f"predictions/{prediction}/")).body)

    def all(self, *, status: str = "", model: str = "", outcome: str = "") -> Iterator[Prediction]:
        """Yield all predictions, newest first; pages are fetched as they are needed."""
        query = {"status": status, "model": model, "outcome": outcome}
        return map(Prediction.of, pages(self._transport, "predictions/", query))

    def rename(self, prediction: UUID, label: str) -> Prediction:
        request = Request("PATCH", f"predictions/{prediction}/", json={"label": label})
        return Prediction.of(self._transport.send(request).body)

    def report_outcome(self, prediction: UUID, outcome: OutcomeResult, observed_on: date) -> Prediction:
        """Tell what became of the loan, also to correct what was told before."""
        body = {"outcome": outcome, "observed_on": observed_on.isoformat()}
        request = Request("PUT", f"predictions/{prediction}/outcome/", json=body)
        return Prediction.of(self._transport.send(request).body)

    def report_outcomes(self, rows: Iterable[Row]) -> ReportedOutcomes:
        """Tell what became of many loans: IDs of predictions, outcomes and days, any number of them."""
        return send_outcomes(self._transport, "outcomes/", "id", rows)

    def withdraw_outcome(self, prediction: UUID) -> None:
        """Take back an outcome that was reported by mistake."""
        self._transport.send(Request("DELETE", f"predictions/{prediction}/outcome/"))

    def cancel(self, prediction: UUID) -> Prediction:
        """Cancel and refund a queued prediction. Raises `Conflict` if it has begun."""
        request = Request("POST", f"predictions/{prediction}/cancel/", key=new_key())
        return Prediction.of(self._transport.send(request).body)

    def explain(self, prediction: UUID, timeout: float = 60) -> Explanation:
        """Return what moved the probability. Raises `StillPending`, and `NotFound` if there is no result."""
        request = Request("GET", f"predictions/{prediction}/explanation/")
        return Explanation.of(_explained(lambda: self._transport.send(request), timeout).body)

    def save_document(self, prediction: UUID, to: Path, timeout: float = 60) -> None:
        """Write the PDF of the result, in the client's language. Raises `StillPending`, `Conflict`."""
        request = Request("GET", f"predictions/{prediction}/document/")
        _explained(lambda: self._transport.save(request, to), timeout)

    def create_link(self, prediction: UUID, days: int, *, with_details: bool = False) -> ShareLink:
        """Return a new link, which works for 1, 7, 30 or 90 days. Only this answer has its `url`.

        It is not repeated if the connection breaks, because it would make a second one.
        """
        body = {"days": days, "with_details": with_details}
        request = Request("POST", f"predictions/{prediction}/links/", json=body)
        return ShareLink.of(self._transport.send(request).body)

    def links(self, prediction: UUID) -> list[ShareLink]:
        """Return the links that work, newest first."""
        answer = self._transport.send(Request("GET", f"predictions/{prediction}/links/"))
        return [ShareLink.of(body) for body in answer.body["results"]]

    def revoke_link(self, prediction: UUID, link: UUID) -> None:
        self._transport.send(Request("DELETE", f"predictions/{prediction}/links/{link}/"))

    def what_if(
        self, prediction: UUID, changes: Mapping[str, object] | None = None, *, goal: float | None = None
    ) -> WhatIf:
        """Return the probability with `changes`, and the loan that reaches `goal`. Free, and limited.

        It is not repeated if the connection breaks, because each answer counts.
        """
        body: dict[str, Any] = {} if changes is None else {"changes": changes}
        if goal is not None:
            body["goal"] = goal
        request = Request("POST", f"predictions/{prediction}/what-if/", json=body)
        return WhatIf.of(self._transport.send(request).body)

    def curve(self, prediction: UUID, field: str) -> list[tuple[float, float]]:
        """Return values of `field` with the probability that each would have, all else unchanged."""
        request = Request("GET", f"predictions/{prediction}/curve/", query={"field": field})
        points = self._transport.send(request).body["points"]
        return [(point["value"], point["approval_probability"]) for point in points]

    def verify(self, prediction: UUID) -> bool:
        """Return whether the stored model version gives the sold probability again."""
        request = Request("POST", f"predictions/{prediction}/check/")
        return bool(self._transport.send(request).body["same"])


def _explained(ask: Callable[[], Answer], timeout: float) -> Answer:
    """Ask until the explanation is there. Raises `StillPending` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        answer = ask()
        if answer.status != ACCEPTED:
            return answer
        pause = answer.retry_after or 1
        if time.monotonic() + pause > deadline:
            raise StillPending(f"not explained in {timeout} s")
        time.sleep(pause)


class Comparisons:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def order(self, applicant: Applicant, *, label: str = "", key: str | None = None) -> Comparison:
        """Buy a prediction of every model; `key` as for predictions."""
        body = {"applicant": applicant} | ({"label": label} if label else {})
        request = Request("POST", "comparisons/", json=body, key=key or new_key())
        return Comparison.of(self._transport.send(request).body)

    def get(self, comparison: UUID) -> Comparison:
        return Comparison.of(self._transport.send(Request("GET", f"comparisons/{comparison}/")).body)

    def wait(self, comparison: UUID, timeout: float = 60) -> Comparison:
        """Return it when all predictions have ended. Raises `StillPending` after `timeout` seconds."""
        return wait_for(lambda: self.get(comparison), timeout)

    def rename(self, comparison: UUID, label: str) -> Comparison:
        request = Request("PATCH", f"comparisons/{comparison}/", json={"label": label})
        return Comparison.of(self._transport.send(request).body)

    def report_outcome(self, comparison: UUID, outcome: OutcomeResult, observed_on: date) -> Comparison:
        """Tell what became of the loan, for all predictions that have a result."""
        body = {"outcome": outcome, "observed_on": observed_on.isoformat()}
        request = Request("PUT", f"comparisons/{comparison}/outcome/", json=body)
        return Comparison.of(self._transport.send(request).body)

    def withdraw_outcome(self, comparison: UUID) -> None:
        """Take back the outcomes of all predictions of the comparison."""
        self._transport.send(Request("DELETE", f"comparisons/{comparison}/outcome/"))

    def cancel(self, comparison: UUID) -> Comparison:
        """Cancel and refund the queued predictions; the others continue. Raises `Conflict` if none is."""
        request = Request("POST", f"comparisons/{comparison}/cancel/", key=new_key())
        return Comparison.of(self._transport.send(request).body)
