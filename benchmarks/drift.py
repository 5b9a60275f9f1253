"""How fast drift is counted and shown: ``python benchmarks/drift.py [orders]``.

Orders of one model over a year (1,000,000 by default) are counted as by the bulk role; then the admin's page
and a judgment of the last week are measured, and what counting adds to scoring a chunk of a file. CPU seconds
are those of this process: on PostgreSQL, without the server's.
"""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import numpy as np
from bench import analyze, temporary_service
from bench_seed import one_customer
from django.conf import settings
from django.db.models import Sum
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.lifecycle import drift, drift_alerts
from predictions.models import DriftWeek, Prediction, ScoringModel
from predictions.scoring import artifacts
from predictions.scoring.bins import bins_of

Value = TypeVar("Value")
CHUNK = 25_000


def main(orders: int) -> None:
    with temporary_service():
        one_customer(orders, timedelta(days=365))
        for model in ScoringModel.objects.all():
            ref = model.on_sale.ref
            of_model = Prediction.objects.filter(model=model)
            of_model.update(model_version=ref.version, artifact_sha256=ref.sha256)
        analyze()
        measured(f"{Prediction.objects.count():,} orders", count_all)
        print(DriftWeek.objects.aggregate(Sum("rows")), DriftWeek.objects.count(), "weeks of versions")
        measured("nothing new", count_all)
        measured("judgment of the last week", drift_alerts.judge)
        browser = Client(SERVER_NAME="localhost")
        browser.force_login(User.objects.get(username="operator"))
        model = ScoringModel.objects.get(slug="catboost")
        address = reverse("admin:predictions_scoringmodel_drift", args=[model.pk])
        measured("page, the first time", lambda: browser.get(address))
        measured("page", lambda: browser.get(address))
        chunk(model)


def count_all() -> None:
    while drift.count_next():
        pass


def chunk(model: ScoringModel) -> None:
    ref = model.on_sale.ref
    columns, bins = artifacts.columns(settings.ARTIFACTS_DIR, ref), bins_of(settings.ARTIFACTS_DIR, ref)
    assert bins
    applicants = artifacts.background(settings.ARTIFACTS_DIR, ref)
    raw = columns.to_raw([applicants[at % len(applicants)] for at in range(CHUNK)])
    approval = np.random.default_rng(1).beta(4, 1, CHUNK)
    measured(f"a chunk of {CHUNK:,} rows", lambda: bins.count(raw, columns, approval))


def measured(name: str, work: Callable[[], Value]) -> Value:
    began, cpu = time.perf_counter(), time.process_time()
    value = work()
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    print(f"{name:30} {seconds:8.3f} s, of which {used:.3f} s of CPU here", flush=True)
    return value


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
