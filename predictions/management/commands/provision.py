"""Add the database rows that the service needs; safe to run at every start."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from predictions import tasks
from predictions.catalog import FIRST_CATALOG, FIRST_DISCOUNTS
from predictions.lifecycle import sales
from predictions.models import ScoringModel, VolumeDiscount


class Command(BaseCommand):
    help = "Add missing catalog rows and schedules. Existing rows are not changed."

    def handle(self, *args: Any, **options: Any) -> None:
        if not ScoringModel.objects.exists():
            # Only now: discounts that an operator has deleted stay deleted.
            for rows, percent in FIRST_DISCOUNTS.items():
                VolumeDiscount.objects.get_or_create(rows_from=rows, defaults={"percent": percent})
        for row in FIRST_CATALOG:
            model, _created = ScoringModel.objects.get_or_create(slug=row["slug"], defaults=row)
            sales.begin_first(model)
        self._schedule("Monitor: settle open predictions", tasks.monitor.name, settings.MONITOR_SECONDS)
        self._schedule("Files: delete those whose time is over", tasks.clean_files.name, 3600)
        self._schedule("Housekeeping: delete expired records", tasks.housekeeping.name, 24 * 3600)

    def _schedule(self, name: str, task: str, seconds: int) -> None:
        # Looked up by task, so that operators can rename it. A run that is a period late is dropped.
        if not PeriodicTask.objects.filter(task=task).exists():
            interval, _created = IntervalSchedule.objects.get_or_create(
                every=seconds, period=IntervalSchedule.SECONDS
            )
            PeriodicTask.objects.create(name=name, task=task, interval=interval, expire_seconds=seconds)
