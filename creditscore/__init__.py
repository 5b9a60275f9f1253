"""The service: settings, routes, and the Celery application that `shared_task` binds to."""

import os

# Read when numpy is imported, so it comes first. More threads wait for each other in the small products of
# explanations: twice the processor time, which orders would miss, and no result any sooner.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from creditscore.celery import app as celery_app

__all__ = ["celery_app"]
