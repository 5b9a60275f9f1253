"""Query plans on both databases: filters and sort orders read only the rows that are shown."""

import pytest
from django.db import connection

from accounts.models import User
from billing.services import new_request_key
from predictions.jobs.worker import score_queued
from predictions.models import DecisionPolicy, Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import Applicant
from predictions.site.forms.history import SORTS, HistoryFilterForm
from tests.support.people import give_money

FILTERS: list[dict[str, str]] = [
    {},
    {"label": "nobody"},
    {"status": "succeeded"},
    {"model": "catboost"},
    {"since": "2020-01-01", "until": "2030-01-01"},
    {"comparisons": "on"},
    {"decision": "review"},
    {"label": "x", "status": "succeeded", "model": "catboost", "since": "2020-01-01", "comparisons": "on"},
]


@pytest.fixture
def past(alice: User, catalog: None, applicant: Applicant) -> None:
    give_money(alice, 10_000_00)
    model = ScoringModel.objects.get(slug="logistic-regression")
    for _number in range(300):
        order_prediction(user=alice, model=model, applicant=applicant, request_key=new_request_key())
    score_queued()


def test_whatever_is_asked(past: None, alice: User) -> None:
    """All in one test: the past takes longer than the plans."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        if connection.vendor == "postgresql":
            # A table of few pages is read faster whole.
            for way in ("seqscan", "bitmapscan", "sort"):
                cursor.execute(f"SET LOCAL enable_{way} = off")
    policy = DecisionPolicy(approve_from=0.9, decline_below=0.5)
    for sort, (_title, _caption, order) in SORTS.items():
        for asked in FILTERS:
            form = HistoryFilterForm(asked | {"sort": sort}, policy=policy)
            assert form.is_valid()
            rows = order.sorted(form.narrow(Prediction.objects.of(alice)))
            plan = rows.values_list(order.column, "pk", "comparison")[:36].explain()
            assert "prediction_by_time" in plan or "prediction_by_approval" in plan, (sort, asked, plan)
            if connection.vendor == "sqlite":
                # PostgreSQL does so, too, when the table has been vacuumed, which no test can wait for.
                assert "COVERING INDEX" in plan, (sort, asked, plan)
