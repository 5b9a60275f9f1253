"""Loads what is on sale into a process that scores or explains, before an order needs it."""

import logging
import threading
from functools import partial

from django.conf import settings

from predictions import priority
from predictions.models import SalePeriod
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError

logger = logging.getLogger(__name__)


class Loader:
    """Loads each version once when it is put on sale; what is sold for the first time waits for nothing then.

    Others, of earlier versions or models that are not sold any more, are loaded when they are needed, and so
    is a version whose file was broken.
    """

    def __init__(self, *, to_explain: bool) -> None:
        self._load = artifacts.load_worth if to_explain else artifacts.load
        self._tried: set[int] = set()
        self._rounds = 0
        self._one_round = threading.Lock()

    def __call__(self) -> None:
        """Load what is on sale since the last call, one statement if it is nothing. Logs broken artifacts."""
        on_sale = SalePeriod.objects.filter(current_of__active=True).select_related("model")
        with self._one_round:
            for period in on_sale.exclude(pk__in=self._tried).order_by("model__position"):
                try:
                    priority.computed(partial(self._load, settings.ARTIFACTS_DIR, period.ref))
                except ArtifactError as error:
                    logger.error("%s is unavailable: %s", period.ref.slug, error)
                else:
                    # At the start of a process it is nothing new.
                    level = logging.INFO if self._rounds else logging.DEBUG
                    logger.log(level, "%s %s is loaded", period.ref.slug, period.version)
                self._tried.add(period.pk)
            self._rounds += 1
