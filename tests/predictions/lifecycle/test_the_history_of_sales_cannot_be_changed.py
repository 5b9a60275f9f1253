"""Whoever writes to the database past the code cannot rewrite which version decided when."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from predictions.lifecycle.sales import promote
from predictions.models import SalePeriod, ScoringModel
from predictions.scoring.artifacts import ArtifactRef
from predictions.triggers import PERIODS

CHANGES = {
    "id": 1_000_000,
    "number": 7,
    "version": "0.9.0",
    "artifact_sha256": "0" * 64,
    "reason": "another one",
    "model_id": None,
    "since": None,
    "changed_by_id": None,
}


@pytest.fixture
def ended(operator: User, two_versions: ArtifactRef, catalog: None) -> SalePeriod:
    """A period that has ended, after another one of the same model."""
    model = ScoringModel.objects.get(slug="logistic-regression")
    for number, version in enumerate(("9.0.0", model.on_sale.version), 1):
        promote(model, version, operator=operator, reason="better", seen=number)
    return SalePeriod.objects.get(model=model, number=2)


def refuses(change: str, *parameters: int) -> None:
    with (
        pytest.raises(DatabaseError, match="periods on sale are history"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(change, parameters)


@pytest.mark.parametrize("column", CHANGES)
def test_no_column_of_a_period_is_changed(ended: SalePeriod, column: str) -> None:
    other = ScoringModel.objects.get(slug="catboost")
    late = {"model_id": other.pk, "since": ended.since + timedelta(microseconds=1)}
    before = SalePeriod.objects.filter(pk=ended.pk).values().get()
    with pytest.raises(DatabaseError, match="periods on sale are history"), transaction.atomic():
        SalePeriod.objects.filter(pk=ended.pk).update(**{column: late.get(column, CHANGES[column])})
    assert SalePeriod.objects.filter(pk=ended.pk).values().get() == before


def test_every_column_is_guarded() -> None:
    guarded = {*PERIODS.frozen, PERIODS.once}
    assert guarded == {field.column for field in SalePeriod._meta.concrete_fields}


def test_no_period_is_deleted(ended: SalePeriod) -> None:
    refuses("DELETE FROM predictions_saleperiod WHERE id = %s", ended.pk)
    assert SalePeriod.objects.filter(pk=ended.pk).exists()


def test_an_ended_period_is_not_marked_as_the_last_one_again(ended: SalePeriod) -> None:
    last = SalePeriod.objects.get(current_of=ended.model_id)
    SalePeriod.objects.filter(pk=last.pk).update(current_of=None)
    refuses("UPDATE predictions_saleperiod SET current_of_id = model_id WHERE id = %s", ended.pk)


@pytest.mark.django_db(transaction=True)
def test_the_history_is_neither_emptied_nor_replaced(ended: SalePeriod) -> None:
    refuses(
        {
            "postgresql": "TRUNCATE predictions_saleperiod CASCADE",
            "sqlite": "INSERT OR REPLACE INTO predictions_saleperiod SELECT * FROM predictions_saleperiod",
        }[connection.vendor]
    )
    assert SalePeriod.objects.filter(model=ended.model_id).count() == 3
