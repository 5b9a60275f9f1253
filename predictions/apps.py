from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from predictions.scoring import artifacts


class PredictionsConfig(AppConfig):
    name = "predictions"
    verbose_name = _("Predictions")

    def ready(self) -> None:
        artifacts.add_own_folder(settings.ARTIFACTS_DIR, settings.VERSIONS_DIR)
