"""The Python client against the running service, with a worker."""

import hashlib
import re
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from urllib.request import urlopen

import pytest
from pypdf import PdfReader
from pytest_django.live_server_helper import LiveServer

from creditscore_client import Client, Conflict, Entry, NotFound, StillPending, outcomes, records, sending
from tests.support.processes import Worker


def test_the_catalog_needs_no_credentials(live_server: LiveServer, catalog: None) -> None:
    client = Client(live_server.url)
    model = client.models.get("catboost")
    assert model in client.models.all()
    assert (model.slug, model.price, model.version) == ("catboost", Decimal("100.00"), "2.0.0")


def test_money_is_decimal(client_of_alice: Client) -> None:
    entry = client_of_alice.account.top_up(Decimal("12.34"))
    assert isinstance(entry, Entry)
    assert (entry.amount, entry.balance_after) == (Decimal("12.34"), Decimal("1012.34"))
    assert client_of_alice.account.balance().balance == Decimal("1012.34")
    assert next(client_of_alice.account.transactions(kind="top_up")) == entry


def test_a_prediction_from_order_to_verification(
    client_of_alice: Client, loan: records.Applicant, worker: Worker
) -> None:
    predictions = client_of_alice.predictions
    bought = predictions.predict("logistic-regression", loan, label="first")
    assert bought.status == "succeeded"
    assert bought.approval_probability is not None
    assert bought.default_probability is not None
    assert bought.approval_probability + bought.default_probability == pytest.approx(1)
    assert predictions.get(bought.id) == bought
    assert predictions.rename(bought.id, "second").label == "second"

    explanation = predictions.explain(bought.id)
    total = explanation.base + sum(one.contribution for one in explanation.contributions)
    assert total == pytest.approx(explanation.approval_probability)
    changed = predictions.what_if(bought.id, {"loan_amnt": 20_000})
    assert changed.applicant["loan_amnt"] == 20_000
    assert changed.reduction is None
    aimed = predictions.what_if(bought.id, {"loan_amnt": 20_000}, goal=0.01)
    assert aimed.reduction is not None
    assert len(predictions.curve(bought.id, "loan_amnt")) > 10
    assert predictions.verify(bought.id)


def test_what_is_queued_can_be_awaited_and_canceled(client_of_alice: Client, loan: records.Applicant) -> None:
    predictions = client_of_alice.predictions
    queued = predictions.order("logistic-regression", loan, wait=0)
    assert queued.is_pending
    with pytest.raises(StillPending):
        predictions.wait(queued.id, timeout=0.2)
    canceled = predictions.cancel(queued.id)
    assert (canceled.status, canceled.is_refunded) == ("canceled", True)
    assert client_of_alice.account.balance().balance == Decimal("1000.00")


def test_a_comparison(client_of_alice: Client, loan: records.Applicant, worker: Worker) -> None:
    comparisons = client_of_alice.comparisons
    ordered = comparisons.order(loan, label="first")
    finished = comparisons.wait(ordered.id)
    assert [part.status for part in finished.predictions] == ["succeeded"] * 3
    assert comparisons.rename(ordered.id, "second").label == "second"
    with pytest.raises(Conflict) as refusal:
        comparisons.cancel(ordered.id)
    assert refusal.value.code == "not_cancelable"


def test_the_history_is_read_over_its_pages(
    client_of_alice: Client, loan: records.Applicant, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictions = client_of_alice.predictions
    ordered = [predictions.order("logistic-regression", loan, wait=0).id for _number in range(5)]
    monkeypatch.setattr(sending, "PAGE_SIZE", "2")
    assert [one.id for one in predictions.all()] == ordered[::-1]
    assert [one.id for one in predictions.all(status="succeeded")] == []
    charges = list(client_of_alice.account.transactions(kind="charge"))
    assert len({charge.id for charge in charges}) == 5


def test_outcomes_are_reported(
    client_of_alice: Client, loan: records.Applicant, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    predictions, today = client_of_alice.predictions, datetime.now(UTC).date()
    bought = [predictions.predict("logistic-regression", loan) for _number in range(3)]
    assert (bought[0].outcome, bought[0].observed_on) == (None, None)
    reported = predictions.report_outcome(bought[0].id, "defaulted", today)
    assert (reported.outcome, reported.observed_on) == ("defaulted", today)
    assert [one.id for one in predictions.all(outcome="defaulted")] == [bought[0].id]
    predictions.withdraw_outcome(bought[0].id)
    assert predictions.get(bought[0].id).outcome is None

    comparisons = client_of_alice.comparisons
    compared = comparisons.wait(comparisons.order(loan).id)
    told = comparisons.report_outcome(compared.id, "repaid", today)
    assert [one.outcome for one in told.predictions] == ["repaid"] * 3
    comparisons.withdraw_outcome(compared.id)
    assert [one.outcome for one in comparisons.get(compared.id).predictions] == [None] * 3

    monkeypatch.setattr(outcomes, "MAX_ROWS", 2)
    rows: list[outcomes.Row] = [(one.id, "repaid", today) for one in bought]
    done = predictions.report_outcomes([*rows, ("no-id", "repaid", today)])
    assert (done.rows, done.new, done.changed, done.refused) == (4, 2, 1, 1)
    assert [(error.line, error.code) for error in done.errors] == [(5, "not_found")]
    assert predictions.report_outcomes(rows).unchanged == 3


def test_a_result_is_shown_to_others(
    client_of_alice: Client, loan: records.Applicant, worker: Worker, tmp_path: Path
) -> None:
    predictions = client_of_alice.predictions
    bought = predictions.predict("logistic-regression", loan)
    link = predictions.create_link(bought.id, 7, with_details=True)
    assert link.url is not None
    assert urlopen(link.url).status == 200
    assert predictions.links(bought.id) == [replace(link, url=None)]
    predictions.revoke_link(bought.id, link.id)
    assert predictions.links(bought.id) == []

    folder = tmp_path / "saved"
    folder.mkdir()
    saved = folder / "result.pdf"
    predictions.save_document(bought.id, saved)
    assert list(folder.iterdir()) == [saved]
    [code] = re.findall(r"([0-9A-Z]{4}(?:-[0-9A-Z]{4}){3})", PdfReader(saved).pages[0].extract_text())
    document = client_of_alice.documents.get(code)
    assert document.sha256 == hashlib.sha256(saved.read_bytes()).hexdigest()
    assert document.approval_probability == bought.approval_probability
    with pytest.raises(NotFound):
        client_of_alice.documents.get("0000/0000")
