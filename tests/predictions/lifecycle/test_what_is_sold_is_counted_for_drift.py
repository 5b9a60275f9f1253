"""What was sold is counted once, in the week in which it was sold and in the bins of its version."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from pathlib import Path

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from predictions.lifecycle import drift
from predictions.lifecycle.drift import count_next
from predictions.models import DriftProgress, DriftWeek, Prediction
from predictions.models.drift import week_of
from predictions.scoring import artifacts
from predictions.scoring.bins import bins_of
from tests.support.crashes import killed_at, statement
from tests.support.drift import MONDAY, SLUG, count_all, model_now, settle, totals
from tests.support.orders import Bought


def test_an_order_is_in_the_bins_of_its_facts_and_its_score(bought: Bought, sold: Path) -> None:
    prediction = settle(bought(person_age=22, person_emp_length=None, loan_grade="F"))
    count_all()
    week = DriftWeek.objects.get()
    assert (week.model, week.week, week.rows) == (prediction.model, date(2026, 3, 2), 1)
    assert week.ref == prediction.artifact
    bins = bins_of(sold, prediction.artifact)
    assert bins
    edges = {field.name: field.edges for field in bins.fields}
    assert week.counts["person_age"].index(1) == [22.0, *edges["person_age"]].index(22.0) + 1
    assert week.counts["person_emp_length"][-1] == 1
    assert week.counts["loan_grade"][5] == 1
    place = week.counts["score"].index(1)
    assert prediction.approval_probability is not None
    assert place == sum(edge <= prediction.approval_probability for edge in edges["score"])
    assert all(sum(counts) == 1 for counts in week.counts.values())


def test_each_is_counted_once_however_often_it_is_looked_for(bought: Bought) -> None:
    at = f"{MONDAY}T10:00:00+00:00"
    # Of the same moment: the id tells which one is next.
    for _number in range(3):
        settle(bought(), at)
    count_all()
    count_all()
    settle(bought(), "2026-03-02T10:00:01+00:00")
    count_all()
    assert totals() == {date(2026, 3, 2): 4}


def test_orders_of_one_moment_are_counted_over_the_end_of_a_part(
    bought: Bought, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(5):
        settle(bought())
    monkeypatch.setattr(drift, "PART", 2)
    count_all()
    assert totals() == {date(2026, 3, 2): 5}


@pytest.mark.parametrize(
    ("moment", "monday"),
    [
        ("2026-03-08T23:59:59+00:00", "2026-03-02"),
        ("2026-03-09T00:00:00+00:00", "2026-03-09"),
        ("2026-03-09T01:00:00+03:00", "2026-03-02"),
        ("2026-01-01T00:00:00+00:00", "2025-12-29"),
    ],
)
def test_a_week_begins_on_monday_in_utc(moment: str, monday: str) -> None:
    assert week_of(datetime.fromisoformat(moment)) == date.fromisoformat(monday)


def test_weeks_and_versions_are_apart(bought: Bought) -> None:
    settle(bought())
    settle(bought(), "2026-03-08T23:59:59+00:00")
    settle(bought(), "2026-03-09T00:00:00+00:00")
    settle(bought(model="catboost"), "2026-03-09T00:00:00+00:00")
    count_all()
    found = DriftWeek.objects.order_by("week", "model__slug").values_list("model__slug", "week", "rows")
    assert list(found) == [
        (SLUG, date(2026, 3, 2), 2),
        ("catboost", date(2026, 3, 9), 1),
        (SLUG, date(2026, 3, 9), 1),
    ]


def test_an_account_that_was_deleted_is_nobody(bought: Bought) -> None:
    settle(bought())
    Prediction.objects.filter(pk=settle(bought()).pk).update(applicant={})
    count_all()
    assert totals() == {date(2026, 3, 2): 1}


def test_only_what_was_sold_counts(bought: Bought, operator: User) -> None:
    comped, failed = settle(bought()), settle(bought(run=False))
    now = timezone.now()
    Prediction.objects.filter(pk=failed.pk).update(
        status="failed", failure="deadline_passed", finished_at=now
    )
    Prediction.objects.filter(pk=comped.pk).update(comped_by=operator)
    count_all()
    assert not DriftWeek.objects.exists()
    settle(bought(), "2026-03-03T10:00:00+00:00")
    count_all()
    assert totals() == {date(2026, 3, 2): 1}


def test_what_has_not_ended_waits_and_so_do_those_after_it(bought: Bought) -> None:
    settle(bought())
    pending = settle(bought(run=False), "2026-03-02T09:00:00+00:00")
    count_all()
    assert not DriftWeek.objects.exists()
    Prediction.objects.filter(pk=pending.pk).update(status="canceled", finished_at=timezone.now())
    count_all()
    assert totals() == {date(2026, 3, 2): 1}


def test_orders_of_the_last_minute_wait_for_those_that_are_not_committed_yet(bought: Bought) -> None:
    bought()
    count_all()
    assert not DriftWeek.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_processes_that_count_at_the_same_time_count_once(bought: Bought) -> None:
    for number in range(6):
        settle(bought(), f"2026-03-02T10:00:0{number}+00:00")

    def run(_number: int) -> None:
        try:
            count_all()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(run, range(8)))
    assert totals() == {date(2026, 3, 2): 6}


@pytest.mark.django_db(transaction=True)
def test_a_process_that_dies_at_any_statement_counts_nothing_twice(bought: Bought) -> None:
    for number in range(4):
        settle(bought(), f"2026-03-0{number + 2}T10:00:00+00:00")
    DriftProgress.objects.all().delete()
    for number in range(1, 14):
        with killed_at(statement(number)):
            count_next()
    count_all()
    assert totals() == {date(2026, 3, 2): 4}


def test_a_version_without_bins_is_not_counted_and_stops_nobody(
    bought: Bought, own_copy: Path, settings: Settings
) -> None:
    manifest = own_copy / artifacts.MANIFEST
    with_bins = manifest.read_text()
    settings.ARTIFACTS_DIR = own_copy
    settle(bought())
    manifest.write_text(with_bins.replace(artifacts.BINS, "other.json"))
    count_all()
    assert not DriftWeek.objects.exists()
    manifest.write_text(with_bins)
    settle(bought(), "2026-03-03T10:00:00+00:00")
    count_all()
    assert totals() == {date(2026, 3, 2): 1}


def test_bins_that_cannot_be_read_make_orders_wait_until_they_can(
    bought: Bought, own_copy: Path, settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ARTIFACTS_DIR = own_copy
    prediction = settle(bought())
    file = own_copy / SLUG / prediction.model_version / artifacts.BINS
    content = file.read_bytes()
    file.write_bytes(content + b" ")
    count_all()
    assert not DriftWeek.objects.exists()
    assert "counted for drift later" in caplog.text
    file.write_bytes(content)
    count_all()
    assert totals() == {date(2026, 3, 2): 1}


def test_a_part_costs_as_many_statements_as_one_order(bought: Bought) -> None:
    counts = []
    for number in (1, 5):
        for _order in range(number):
            settle(bought(), f"2026-03-0{number + 1}T10:00:00+00:00")
        with CaptureQueriesContext(connection) as queries:
            count_next()
        counts.append(len(queries))
    # The first one also makes the rows.
    assert counts[1] <= counts[0]


def test_other_bins_of_a_version_begin_anew(bought: Bought, own_copy: Path, settings: Settings) -> None:
    from predictions.training.artifacts import add_file

    settings.ARTIFACTS_DIR = own_copy
    ref = model_now_ref(bought)
    bins = bins_of(own_copy, ref)
    assert bins
    content = bins.to_dict()
    content["fields"][0] = {"name": "score", "rows": [5, 5, 0], "edges": [0.5]}
    add_file(own_copy, ref, artifacts.BINS, content)
    settle(bought(), "2026-03-03T10:00:00+00:00")
    count_all()
    assert sorted(len(week.counts["score"]) for week in DriftWeek.objects.all()) == [
        3,
        len(bins.fields[0].rows),
    ]


def model_now_ref(bought: Bought) -> artifacts.ArtifactRef:
    """Count an order of the version on sale, and return the version."""
    settle(bought())
    count_all()
    ref: artifacts.ArtifactRef = model_now().on_sale.ref
    return ref
