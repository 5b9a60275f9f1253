"""How fast outcomes are imported, listed and tested: ``python benchmarks/outcomes.py [outcomes]``.

One customer reports the outcomes of 100,000 predictions, twice, and of 100,000 rows of a file of a million.
Then the tables have `outcomes` of one version (1,000,000 by default), which are tested, and the customer's
history is filtered by outcome. CPU seconds are those of this process: on PostgreSQL, without the server's.
"""

import io
import sys
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from typing import TypeVar

import numpy as np
from bench import analyze, temporary_service
from bench_seed import one_customer
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.models import Entry
from predictions.batches.scores import Scores
from predictions.models import Batch, Outcome, Prediction, ScoringModel
from predictions.outcomes.backtest import backtest, versions
from predictions.outcomes.imports import MAX_ROWS, import_batch_outcomes, import_outcomes

Value = TypeVar("Value")
FILE_ROWS, CHUNK = 1_000_000, 25_000
TODAY = timezone.now().date()


def main(outcomes: int) -> None:
    with temporary_service():
        customer = one_customer(MAX_ROWS, timedelta(days=30))
        sold = Prediction.objects.filter(approval_probability__isnull=False)
        analyze()
        keys = list(sold.values_list("pk", flat=True))
        content = table(map(str, keys))
        done = measured(
            "import of predictions", lambda: import_outcomes(io.BytesIO(content), by=customer, of=customer)
        )
        again = measured(
            "the same again", lambda: import_outcomes(io.BytesIO(content), by=customer, of=customer)
        )
        changed = content.replace(b"repaid", b"refused")
        third = measured(
            "all changed", lambda: import_outcomes(io.BytesIO(changed), by=customer, of=customer)
        )
        print(f"{done.counts} {again.counts} {third.counts}")
        batch = file_of(customer, sold.select_related("model", "charge")[0])
        rows = table(f"loan {number}" for number in range(0, FILE_ROWS, FILE_ROWS // MAX_ROWS))
        print(
            measured(
                "import of rows of a file",
                lambda: import_batch_outcomes(io.BytesIO(rows), batch, by=customer),
            ).counts
        )
        plant(batch, outcomes)
        analyze()
        counts = measured("list of versions", versions)[0]
        found = measured(f"backtest on {counts.judged:,}", lambda: backtest(counts))
        print(f"AUC {found.auc:.6f}, Brier {found.brier:.6f}, {len(found.months)} months")
        browser = Client(SERVER_NAME="localhost")
        browser.force_login(customer)
        for query in ("", "?outcome=repaid", "?outcome=defaulted", "?outcome=refused", "?outcome=none"):
            measured(f"history {query}", partial(browser.get, reverse("predictions:history") + query))


def table(names: Iterable[str]) -> bytes:
    lines = [f"{name},{'defaulted' if at % 5 == 0 else 'repaid'},{TODAY}" for at, name in enumerate(names)]
    return "\n".join(["id,outcome,observed_on", *lines]).encode()


def file_of(customer: User, like: Prediction) -> Batch:
    """A scored file of `FILE_ROWS`, of which only what outcomes need is stored."""
    now = timezone.now()
    entry = like.charge
    entry.pk, entry.public_id = None, uuid.uuid4()
    entry.request_key, entry.reverses_id = "file", None
    Entry.objects.bulk_create([entry])
    batch = Batch.objects.create(
        user=customer,
        model=like.model,
        model_version=like.model_version,
        artifact_sha256="0" * 64,
        status=Batch.Status.COMPLETED,
        size=1,
        rows=FILE_ROWS,
        valid_rows=FILE_ROWS,
        done_rows=FILE_ROWS,
        unit_price=1,
        price=FILE_ROWS,
        charge=entry,
        confirmed_at=now,
        finished_at=now,
    )
    random = np.random.default_rng(1)
    for number, start in enumerate(range(0, FILE_ROWS, CHUNK)):
        lines = range(start + 2, start + CHUNK + 2)
        names = [f"loan {line - 2}" for line in lines]
        Scores.of(batch.pk, random.beta(4, 1, CHUNK), lines, names).kept(batch.pk, number).save()
    return batch


def plant(batch: Batch, count: int) -> None:
    """Outcomes of rows of the file, over two years, as frequent as predicted."""
    Outcome.objects.filter(batch=batch).delete()
    if connection.vendor == "postgresql":
        numbers = "SELECT n FROM generate_series(1, %s) AS g(n)"
        chance, day, end = "random()", "DATE '2024-01-01' + n % 730", ""
    else:
        numbers = (
            "WITH RECURSIVE g(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM g WHERE n < %s) SELECT n FROM g"
        )
        # Without an end, SQLite would draw anew wherever a number is used.
        end = "LIMIT -1 OFFSET 0"
        chance, day = "abs(random()) / 9223372036854775808.0", "date('2024-01-01', (n % 730) || ' days')"
    sql = f"""
        INSERT INTO predictions_outcome (user_id, model_id, model_version, batch_id, line,
            approval_probability, ordered_on, result, observed_on, reported_at, reported_by_id)
        SELECT %s, %s, '9.0.0', %s, n + 1, approval, {day},
            CASE WHEN luck > approval THEN 'defaulted' ELSE 'repaid' END, '2026-06-01', %s, %s
        FROM (SELECT n, 1 - c * c * c AS approval, luck
            FROM (
                SELECT n, {chance} AS c, {chance} AS luck FROM ({numbers}) AS numbers {end}
            ) AS drawn {end}) AS loans
    """  # noqa: S608  # all parts are written here
    model = ScoringModel.objects.get(slug="catboost").pk
    owner, file = (key.hex if connection.vendor == "sqlite" else key for key in (batch.user_id, batch.pk))
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("% 730", "%% 730"), [owner, model, file, timezone.now(), owner, count])


def measured(name: str, work: Callable[[], Value]) -> Value:
    began, cpu = time.perf_counter(), time.process_time()
    value = work()
    seconds, used = time.perf_counter() - began, time.process_time() - cpu
    print(f"{name:30} {seconds:8.3f} s, of which {used:.3f} s of CPU here", flush=True)
    return value


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
