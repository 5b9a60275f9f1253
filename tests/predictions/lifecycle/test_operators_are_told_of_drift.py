"""Operators get one mail for a version and week that has drifted, and Prometheus its numbers."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.core import mail
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import Settings

from accounts.models import User
from creditscore.http.metrics import State
from predictions import tasks
from predictions.lifecycle import drift_alerts
from predictions.models import Batch, DriftWeek
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.bins import MIN_ROWS
from tests.support.batches import UploadFor
from tests.support.drift import SLUG, count_until, model_now, sold_week, week_before
from tests.support.orders import Bought
from tests.support.scored_files import some_rows

OPERATORS = ["risk@example.org", "ops@example.org"]
MOVED = {"person_income": 0.5, "score": 0.6, "loan_int_rate": 0.15}


@pytest.fixture(autouse=True)
def _operators(settings: Settings, catalog: None) -> None:
    settings.OPERATOR_EMAILS = OPERATORS
    count_until(week_before(0))


def look() -> None:
    """What the bulk role and the mailer do: judge, publish and send."""
    drift_alerts.judge()
    drift_alerts.publish_due(tasks.mail_drift)


def test_what_has_drifted_is_named_once() -> None:
    sold_week(week_before(1), moved=MOVED)
    for _time in range(3):
        look()
    [sent] = mail.outbox
    assert sent.to == OPERATORS
    assert sent.subject.startswith("Drift: Logistic Regression 2.0.0, week of")
    assert "Probability of approval: " in sent.body
    assert "Yearly income: " in sent.body
    # That one is to be watched only.
    assert "Interest rate" not in sent.body
    link = sent.body.split()[-1]
    assert link.endswith(f"/drift/?version=2.0.0&before={week_before(0)}")


def test_another_week_and_another_version_are_told_by_themselves(two_versions: ArtifactRef) -> None:
    other = sold_week(week_before(1), moved=MOVED)
    DriftWeek.objects.filter(pk=other.pk).update(version="9.0.0", artifact_sha256=two_versions.sha256)
    sold_week(week_before(1), moved=MOVED)
    # That is history: the page has it.
    sold_week(week_before(2), moved=MOVED)
    # And that is not over.
    sold_week(week_before(0), moved=MOVED)
    look()
    assert sorted(one.subject[:35] for one in mail.outbox) == [
        "Drift: Logistic Regression 2.0.0, w",
        "Drift: Logistic Regression 9.0.0, w",
    ]


@pytest.mark.parametrize(
    ("rows", "moved"), [(MIN_ROWS - 1, MOVED), (10_000, {"loan_int_rate": 0.15}), (10_000, {})]
)
def test_no_mail_without_a_verdict_or_without_drift(rows: int, moved: dict[str, float]) -> None:
    sold_week(week_before(1), rows=rows, moved=moved)
    look()
    assert not mail.outbox
    assert DriftWeek.objects.get().judged_at


def test_a_week_is_judged_when_all_of_it_is_counted(alice: User, bought: Bought, paid: UploadFor) -> None:
    sold_week(week_before(1), moved=MOVED)
    count_until(week_before(1))
    prediction = bought()
    type(prediction).objects.filter(pk=prediction.pk).update(created_at=timezone.now() - timedelta(days=7))
    batch = paid(alice, some_rows(2))
    Batch.objects.filter(pk=batch.pk).update(confirmed_at=timezone.now() - timedelta(days=7))
    look()
    assert not DriftWeek.objects.get().judged_at
    count_until(week_before(0))
    look()
    assert not DriftWeek.objects.get().judged_at
    Batch.objects.filter(pk=batch.pk).update(status="canceled", finished_at=timezone.now())
    look()
    assert len(mail.outbox) == 1


def test_a_mail_that_was_not_published_or_not_sent_is_due_again(
    settings: Settings, refusing_mail_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = sold_week(week_before(1), moved=MOVED)

    def fails(_pk: int) -> None:
        raise OperationalError

    drift_alerts.judge()
    drift_alerts.publish_due(fails)
    published: list[int] = []
    drift_alerts.publish_due(published.append)
    assert not published
    DriftWeek.objects.update(mail_due_at=timezone.now())
    drift_alerts.publish_due(published.append)
    drift_alerts.publish_due(published.append)
    assert published == [row.pk]
    settings.EMAIL_BACKEND = "no.such.Backend"
    with pytest.raises(ModuleNotFoundError):
        drift_alerts.send(row.pk)
    assert DriftWeek.objects.get().mail_due_at
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    drift_alerts.send(row.pk)
    drift_alerts.send(row.pk)
    assert len(mail.outbox) == 1


def test_nobody_to_tell_is_no_mail(settings: Settings) -> None:
    settings.OPERATOR_EMAILS = []
    sold_week(week_before(1), moved=MOVED)
    look()
    settings.OPERATOR_EMAILS = OPERATORS
    look()
    assert not mail.outbox


def test_bins_that_cannot_be_read_are_judged_later(own_copy: Path, settings: Settings) -> None:
    settings.ARTIFACTS_DIR = own_copy
    sold_week(week_before(1), moved=MOVED)
    file = own_copy / SLUG / "2.0.0" / artifacts.BINS
    content = file.read_bytes()
    file.write_bytes(content + b" ")
    look()
    assert not DriftWeek.objects.get().judged_at
    assert _psi() == {}
    file.write_bytes(content)
    look()
    assert len(mail.outbox) == 1


def test_the_mail_is_sent_by_the_role_that_reaches_the_internet(settings: Settings) -> None:
    assert settings.CELERY_TASK_ROUTES[tasks.mail_drift.name] == {"queue": "outbound"}


def test_prometheus_gets_the_last_week_of_what_is_on_sale(two_versions: ArtifactRef) -> None:
    sold_week(week_before(0), moved=MOVED)
    sold_week(week_before(2), moved=MOVED)
    other = sold_week(week_before(1), moved=MOVED)
    DriftWeek.objects.filter(pk=other.pk).update(version="9.0.0", artifact_sha256=two_versions.sha256)
    assert _psi() == {}
    sold_week(week_before(1), moved=MOVED)
    found = _psi()
    assert len(found) == 12
    assert {labels[:2] for labels in found} == {(SLUG, model_now().on_sale.version)}
    assert found[SLUG, "2.0.0", "person_income"] > 0.25
    assert found[SLUG, "2.0.0", "person_age"] < 0.01
    DriftWeek.objects.update(rows=MIN_ROWS - 1)
    assert _psi() == {}


def _psi() -> dict[tuple[str, str, str], float]:
    [family] = [family for family in State().collect() if family.name == "creditscore_drift_psi"]
    return {
        (sample.labels["model"], sample.labels["version"], sample.labels["field"]): sample.value
        for sample in family.samples
    }
