"""The whole life of a version: own data, challenger, outcomes, backtest, on sale, roll back.

At each step, customers have the version that is on sale, and orders keep the one that they were sold with.
"""

import html
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from predictions.lifecycle import challengers, training_process
from predictions.models import (
    Challenge,
    ChallengerScore,
    Outcome,
    Prediction,
    SalePeriod,
    ScoringModel,
    TrainingRun,
)
from predictions.results.what_if import verify
from tests.support.artifacts import SOLD_VERSION
from tests.support.orders import Bought
from tests.support.trainings import SCORECARD, own_csv

NEW = "2.0.1"
MINUTE_AGO = timedelta(minutes=1)


def model() -> ScoringModel:
    return ScoringModel.objects.get(slug=SCORECARD)


@pytest.fixture
def admin_pages(client: Client, operator: User, own_versions: Path, catalog: None) -> Client:
    client.force_login(operator)
    return client


def shown(client: Client, name: str, *args: object) -> str:
    return html.unescape(client.get(reverse(f"admin:{name}", args=args), follow=True).content.decode())


def train(client: Client) -> TrainingRun:
    """Upload own data on the page, and do what the trainer does."""
    form = {
        "file": SimpleUploadedFile("own.csv", own_csv()),
        "slugs": [SCORECARD],
        "effort": "quick",
        "share_percent": 100,
        "reason": "our own loans of last year",
    }
    answer = client.post(reverse("admin:predictions_trainingrun_add"), form)
    assert answer.status_code == 302, answer.content.decode()
    assert training_process.run_next()
    return TrainingRun.objects.get()


def put_on_sale(client: Client, version: str, reason: str) -> str:
    seen = model().on_sale.number
    address = reverse("admin:predictions_scoringmodel_versions", args=[model().pk])
    answer = client.post(address, {"version": version, "seen": seen, "reason": reason}, follow=True)
    return html.unescape(answer.content.decode())


def score_by_challenger(orders: list[Prediction]) -> None:
    """Put the orders and the beginning of the challenge back, and do what the bulk role does."""
    Challenge.objects.update(seen_until=timezone.now() - 5 * MINUTE_AGO)
    for order in orders:
        Prediction.objects.filter(pk=order.pk).update(created_at=timezone.now() - MINUTE_AGO)
    while challengers.score_next():
        pass


def import_outcomes(orders: list[Prediction], folder: Path) -> None:
    """Every third loan has defaulted."""
    today = datetime.now(UTC).date()
    rows = [
        f"{order.pk},{'defaulted' if number % 3 == 0 else 'repaid'},{today}"
        for number, order in enumerate(orders)
    ]
    (folder / "outcomes.csv").write_text("\n".join(["id,outcome,observed_on", *rows]))
    call_command("import_outcomes", str(folder / "outcomes.csv"), by="operator")


def versions_of(orders: list[Prediction]) -> set[str]:
    rows = Prediction.objects.filter(pk__in=[order.pk for order in orders])
    return set(rows.values_list("model_version", flat=True))


def test_the_whole_life(
    admin_pages: Client, alice: User, operator: User, bought: Bought, own_versions: Path, tmp_path: Path
) -> None:
    before = [bought(at=(timezone.now() - 60 * MINUTE_AGO).isoformat())]

    # Own data become a version with its card, as challenger. What is sold has not changed.
    run = train(admin_pages)
    assert (run.status, run.versions, run.challengers) == ("completed", {SCORECARD: NEW}, [SCORECARD])
    assert model().on_sale.version == SOLD_VERSION
    assert "No field gives the outcome away" in shown(admin_pages, "predictions_trainingrun_change", run.pk)
    card = html.unescape(
        admin_pages.get(reverse("predictions:model-version", args=[SCORECARD, NEW])).content.decode()
    )
    assert "Loans with known outcomes that the operator of this service has provided." in card
    assert run.data_sha256 in card
    assert Challenge.objects.get(current_of=model()).version == NEW
    assert "Challenger" in shown(admin_pages, "predictions_scoringmodel_versions", model().pk)

    # It scores live orders beside the version on sale, which is the one that customers get.
    live = [bought(loan_amnt=5_000 + 500 * number) for number in range(30)]
    score_by_challenger(live)
    assert set(ChallengerScore.objects.values_list("prediction", flat=True)) == {row.pk for row in live}
    assert versions_of(before + live) == {SOLD_VERSION}

    # Outcomes come, and both are compared on them.
    import_outcomes(live, tmp_path)
    assert Outcome.objects.count() == len(live)
    compared = shown(admin_pages, "predictions_scoringmodel_challenger", model().pk)
    assert NEW in compared
    assert "AUC" in compared
    backtest = admin_pages.get(
        reverse("admin:predictions_backtest_json", args=[SCORECARD, SOLD_VERSION])
    ).json()
    assert backtest["version"] == SOLD_VERSION
    assert (backtest["repaid"], backtest["defaulted"]) == (20, 10)

    # It is put on sale. Orders from now on get it, those before keep theirs and can still be checked.
    assert f"Version {NEW} is on sale." in put_on_sale(admin_pages, NEW, "better on our own loans")
    assert not Challenge.objects.filter(current_of=model()).exists()
    after = [bought()]
    assert versions_of(after) == {NEW}
    assert versions_of(before + live) == {SOLD_VERSION}
    assert verify(alice, live[0]).same
    import_outcomes(after, tmp_path)
    assert f"{NEW}" in shown(admin_pages, "predictions_backtests")

    # And back, in the same step. What was sold meanwhile keeps the version that is not on sale any more.
    assert f"Version {SOLD_VERSION} is on sale." in put_on_sale(admin_pages, SOLD_VERSION, "complaints")
    last = [bought()]
    assert versions_of(last) == {SOLD_VERSION}
    assert versions_of(after) == {NEW}
    assert verify(alice, after[0]).same
    periods = SalePeriod.objects.filter(model=model()).order_by("number")
    assert [row.version for row in periods] == [SOLD_VERSION, NEW, SOLD_VERSION]
    assert [row.changed_by for row in periods] == [None, operator, operator]
