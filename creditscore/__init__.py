"""The service: settings, routes, and the Celery application that `shared_task` binds to."""

from creditscore.celery import app as celery_app

__all__ = ["celery_app"]
