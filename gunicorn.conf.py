"""Configuration of the web server, for `make run` and for the container."""

import gc
import os
from pathlib import Path

from creditscore.settings.observing import LOGGING
from telemetry import context

context.set_role("web")

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
# Threads get complete requests only, so slow clients cannot keep them.
worker_class = "creditscore.run.web.WaitressWorker"
threads = int(os.environ.get("WEB_THREADS", "8"))
# Connections of each process. Further clients wait until one ends.
worker_connections = 1000
# Requests wait at most 10 s for a result, so a process that is silent for this long has hung.
timeout = 60
graceful_timeout = 10
keepalive = 5
# The application writes a line for each request.
accesslog = None
logconfig_dict = LOGGING
control_socket_disable = True
# Files of the service are private to its user, gunicorn's own too.
umask = 0o077
# Heartbeats are written to memory, so that a slow disk does not look like a hung process.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None


def post_worker_init(worker: object) -> None:
    # Imported here because Django is not set up before.
    from creditscore.http import database
    from creditscore.run import deadlines

    # What is loaded now stays until the end. To search it for garbage again and again took a fifth of the
    # time of an export.
    gc.collect()
    gc.freeze()
    database.limit_waiting()
    deadlines.start_deadline_watch()
