"""The administration: Django's, with its own titles, what happens today, and no tables of the framework."""

from typing import Any

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

# What their tables hold is no operator's business; periodic tasks are edited with their schedules.
HIDDEN = {
    "ClockedSchedule",
    "CrontabSchedule",
    "GroupResult",
    "IntervalSchedule",
    "SolarSchedule",
    "TaskResult",
}


class OperatorsConfig(AdminConfig):
    default_site = "creditscore.operators.OperatorsSite"


class OperatorsSite(AdminSite):
    site_header = site_title = _("Creditscore administration")
    index_title = _("Administration")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"] = [model for model in app["models"] if model["object_name"] not in HIDDEN]
        return [app for app in apps if app["models"]]

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        # Models are not loaded yet when this module is.
        from accounts.site_texts import services as site_texts
        from predictions.admin import today

        context = {"today": today.figures(request.user), "missing_texts": site_texts.missing()}
        return super().index(request, context | (extra_context or {}))
