"""The Celery application of the worker and the clock."""

import os
from typing import Any

from celery import Celery
from celery.signals import celeryd_init, worker_process_init
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditscore.settings")

EXPLAINER_NICENESS = 10

app = Celery("creditscore")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@celeryd_init.connect
def set_up_worker(conf: Any, options: dict[str, Any], **_kwargs: object) -> None:
    conf.broker_transport_options = settings.WORKER_TRANSPORT_OPTIONS
    if options.get("queues") == ["explanations"]:
        # Orders come first where cores are scarce.
        os.nice(EXPLAINER_NICENESS)


@worker_process_init.connect
def load_models(**_kwargs: object) -> None:
    """Load the models in each process after the fork, before its first task."""
    from predictions import catalog

    catalog.load_models()
