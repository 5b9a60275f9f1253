"""Where Celery keeps the results of runs: a log for operators, on which nothing depends."""

from typing import Any

from django.db import close_old_connections
from django_celery_results.backends import DatabaseBackend

from creditscore.http import database


class Results(DatabaseBackend):  # type: ignore[misc]  # the package has no types
    """Stores results in the database, unless it is away.

    The main process of a worker stores some itself, as of a run that comes too late, and would end if it
    could not.
    """

    def _store_result(self, *arguments: Any, **options: Any) -> Any:
        # As before each request, so that a connection that was cut in the meantime is replaced.
        close_old_connections()
        try:
            return super()._store_result(*arguments, **options)
        except Exception as error:
            if not database.is_unavailable(error):
                raise
            database.log_unavailable(error)
