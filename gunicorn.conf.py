"""The web role's server, for `make run` and for the container alike."""

import os
from pathlib import Path

bind = os.environ.get("BIND", f"127.0.0.1:{os.environ.get('PORT', '8000')}")
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "8"))
# Waiting for a result takes 10 s at most; a process that is silent for longer has hung.
timeout = 60
graceful_timeout = 10
keepalive = 5
# A proxy in front, or nobody, writes the access log.
accesslog = None
loglevel = "warning"
control_socket_disable = True
# Heartbeats go to memory: a busy disk must not look like a hung process.
worker_tmp_dir = "/dev/shm" if Path("/dev/shm").is_dir() else None


def post_worker_init(worker: object) -> None:
    # Django is set up only now.
    from creditscore.run import deadlines

    deadlines.start_deadline_watch()
