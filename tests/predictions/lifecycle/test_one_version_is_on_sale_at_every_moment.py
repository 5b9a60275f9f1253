"""Any past moment has exactly one answer to the question which version decided."""

import json
import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from accounts.models import User
from predictions.catalog import artifact_for_sale
from predictions.jobs.worker import score_queued
from predictions.lifecycle import sales
from predictions.lifecycle.sales import AlreadyOnSale, ChangedMeanwhile, promote
from predictions.models import Prediction, SalePeriod, ScoringModel
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactRef
from predictions.triggers import PERIODS
from tests.support.artifacts import add_version
from tests.support.database import unguarded
from tests.support.orders import Bought

SLUG = "logistic-regression"


def model_now() -> ScoringModel:
    return ScoringModel.objects.get(slug=SLUG)


def put_on_sale(version: str, operator: User, seen: int, reason: str = "better") -> SalePeriod:
    return promote(model_now(), version, operator=operator, reason=reason, seen=seen)


def test_a_new_installation_sells_what_the_artifacts_name_as_current(catalog: None) -> None:
    for model in ScoringModel.objects.all():
        assert artifact_for_sale(model) == artifacts.current(configured.ARTIFACTS_DIR, model.slug)
        period = model.periods.get()
        assert (period.number, period.changed_by, period.reason) == (1, None, "")


def test_a_change_and_its_way_back_are_periods_without_gaps(
    operator: User, two_versions: ArtifactRef, catalog: None
) -> None:
    first = model_now().on_sale
    before = first.since - timedelta(microseconds=1)
    second = put_on_sale("9.0.0", operator, seen=1)
    assert artifact_for_sale(model_now()) == two_versions
    third = put_on_sale(first.version, operator, seen=2, reason="it was worse")
    assert artifact_for_sale(model_now()) == first.ref
    assert (third.changed_by, third.reason) == (operator, "it was worse")
    moments = {
        before: None,
        first.since: first,
        second.since - timedelta(microseconds=1): first,
        second.since: second,
        third.since - timedelta(microseconds=1): second,
        third.since: third,
        timezone.now() + timedelta(days=1000): third,
    }
    assert {at: sales.on_sale_at(model_now(), at) for at in moments} == moments
    assert [period.current_of_id for period in model_now().periods.order_by("number")] == [
        None,
        None,
        model_now().pk,
    ]


def test_an_upgrade_with_a_new_version_changes_nothing_until_somebody_promotes_it(
    own_copy: Path, two_versions: ArtifactRef, catalog: None, operator: User
) -> None:
    old = model_now().on_sale.ref
    manifest = json.loads((own_copy / artifacts.MANIFEST).read_text())
    manifest["models"][SLUG]["current"] = "9.0.0"
    (own_copy / artifacts.MANIFEST).write_text(json.dumps(manifest))
    call_command("provision")
    assert artifact_for_sale(model_now()) == old
    put_on_sale("9.0.0", operator, seen=1)
    call_command("provision")
    assert artifact_for_sale(model_now()) == two_versions


def test_an_installation_from_before_there_were_periods_keeps_what_it_sold(
    own_copy: Path, two_versions: ArtifactRef, catalog: None, bought: Bought
) -> None:
    """Since the first order after the last one that had another version."""
    bought(at="2026-01-01T00:00:00+00:00")
    other = bought(at="2026-01-02T00:00:00+00:00")
    Prediction.objects.filter(pk=other.pk).update(model_version="0.9.0", artifact_sha256="0" * 64)
    third = bought(at="2026-01-03T00:00:00+00:00")
    bought(at="2026-01-04T00:00:00+00:00")
    with unguarded(PERIODS):
        SalePeriod.objects.all().delete()
    manifest = json.loads((own_copy / artifacts.MANIFEST).read_text())
    manifest["models"][SLUG]["current"] = "9.0.0"
    (own_copy / artifacts.MANIFEST).write_text(json.dumps(manifest))
    call_command("provision")
    period = model_now().on_sale
    assert (period.ref, period.since) == (third.artifact, third.created_at)


def test_what_is_no_longer_stored_is_not_put_on_sale_again(catalog: None, bought: Bought) -> None:
    Prediction.objects.filter(pk=bought().pk).update(model_version="0.9.0", artifact_sha256="0" * 64)
    with unguarded(PERIODS):
        SalePeriod.objects.all().delete()
    call_command("provision")
    assert model_now().on_sale.ref == artifacts.current(configured.ARTIFACTS_DIR, SLUG)


def test_orders_in_flight_keep_the_version_that_they_were_sold_with(
    operator: User, two_versions: ArtifactRef, bought: Bought
) -> None:
    old = bought(run=False)
    put_on_sale("9.0.0", operator, seen=1)
    new = bought(run=False)
    score_queued()
    for prediction in (old, new):
        prediction.refresh_from_db()
    assert (old.model_version, new.artifact) == (model_now().periods.get(number=1).version, two_versions)
    assert old.approval_probability is not None
    assert new.approval_probability == pytest.approx(old.approval_probability * 0.9, abs=1e-6)


def test_what_was_decided_on_an_old_page_is_refused(
    operator: User, two_versions: ArtifactRef, catalog: None
) -> None:
    put_on_sale("9.0.0", operator, seen=1)
    with pytest.raises(ChangedMeanwhile):
        put_on_sale("1.0.0", operator, seen=1)
    with pytest.raises(AlreadyOnSale):
        put_on_sale("9.0.0", operator, seen=2)
    assert model_now().periods.count() == 2


def test_a_clock_that_is_behind_makes_no_period_begin_before_the_last_one(
    operator: User, two_versions: ArtifactRef, catalog: None
) -> None:
    ahead = timezone.now() + timedelta(hours=1)
    with unguarded(PERIODS):
        SalePeriod.objects.filter(model=model_now()).update(since=ahead)
    assert put_on_sale("9.0.0", operator, seen=1).since == ahead + timedelta(microseconds=1)


@pytest.mark.django_db(transaction=True)
def test_of_many_changes_at_once_one_is_made(
    operator: User, own_copy: Path, two_versions: ArtifactRef, catalog: None
) -> None:
    """And whoever reads what is on sale in the meantime always finds one version."""
    versions = [
        "9.0.0",
        *(add_version(own_copy, f"9.{n}.0", times=0.9 - n / 100).version for n in range(1, 4)),
    ]
    ends: list[str] = []
    found: list[object] = []

    def change(version: str) -> str:
        try:
            put_on_sale(version, operator, seen=1)
        except ChangedMeanwhile:
            return "refused"
        finally:
            connections.close_all()
        return version

    def look(_number: int) -> object:
        try:
            return getattr(model_now(), "on_sale", None)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(8) as pool:
        readers = pool.map(look, range(200))
        ends = list(pool.map(change, random.sample(versions, 4)))
        found = list(readers)
    assert None not in found
    assert ends.count("refused") == 3
    assert model_now().on_sale.version in ends
    assert list(model_now().periods.order_by("number").values_list("number", flat=True)) == [1, 2]


@pytest.mark.parametrize(
    "second",
    [
        {"current": True, "number": 2},
        {"current": False, "number": 1},
        {"current": False, "number": 2, "since": "same"},
        {"current": "other", "number": 2},
    ],
)
def test_the_database_refuses_a_second_answer(catalog: None, second: dict[str, Any]) -> None:
    first = model_now().on_sale
    other = ScoringModel.objects.get(slug="catboost")
    SalePeriod.objects.filter(model=other).update(current_of=None)
    current = {True: first.model, False: None, "other": other}[second["current"]]
    since = first.since if "since" in second else timezone.now() + timedelta(days=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        SalePeriod.objects.create(
            model=first.model,
            current_of=current,
            number=second["number"],
            since=since,
            version="1.0.0",
            artifact_sha256="0" * 64,
        )
