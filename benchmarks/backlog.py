"""How fast one worker process scores a backlog: ``python benchmarks/backlog.py [rows]``, 20,000 by default.

Prints rows per second of wall time and of processor time, for each model.
"""

import sys
import time
from datetime import timedelta

from bench import temporary_service
from bench_seed import one_customer
from django.utils import timezone

from predictions import catalog
from predictions.jobs import worker
from predictions.lifecycle.loading import Loader
from predictions.models import Prediction, ScoringModel


def main(rows: int) -> None:
    with temporary_service():
        one_customer(rows, timedelta(hours=1))
        Loader(to_explain=False)()
        for model in ScoringModel.objects.order_by("position"):
            queue(model)
            wall, processor = time.perf_counter(), time.process_time()
            while worker.score_queued():
                pass
            wall, processor = time.perf_counter() - wall, time.process_time() - processor
            done = Prediction.objects.filter(status="succeeded").count()
            print(f"{model.slug:20} {done / wall:7.0f} rows/s, {done / processor:7.0f} a processor second")


def queue(model: ScoringModel) -> None:
    """Queue all predictions anew."""
    ref = catalog.artifact_for_sale(model)
    Prediction.objects.update(
        model=model, model_version=ref.version, artifact_sha256=ref.sha256, status="queued",
        approval_probability=None, failure="", finished_at=None, scoring_ms=None, attempts=0, claim=None,
        claimed_at=None, queued_at=timezone.now(),
    )  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
