"""Broker, cache and jobs."""

from kombu import Exchange, Queue
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.retry import Retry

from creditscore.run.broker import default_socket
from creditscore.settings.service import VAR_DIR, env

REDIS_URL = env.str("REDIS_URL", f"unix://{default_socket(VAR_DIR)}")
BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "creditscore",
        "OPTIONS": {
            "socket_timeout": 0.5,
            "socket_connect_timeout": 0.5,
            # A connection that was open when the server restarted is of no use any more.
            "retry": Retry(NoBackoff(), 1, supported_errors=(RedisConnectionError,)),
            "serializer": "creditscore.cache.WholeNumbers",
        },
    }
}
CELERY_BROKER_URL = BROKER_URL
# Work that can wait has queues and workers of its own, so it never delays orders. Workers take messages from
# all queues in turn, unless `--queues` names some.
CELERY_TASK_DEFAULT_QUEUE = "orders"
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name)
    for name in ("orders", "explanations", "bulk", "training", "outbound")
]
CELERY_TASK_ROUTES = {
    "predictions.tasks.explain_requested": {"queue": "explanations"},
    "predictions.tasks.work_on_files": {"queue": "bulk"},
    "predictions.tasks.clean_files": {"queue": "bulk"},
    "predictions.tasks.train_queued": {"queue": "training"},
    "predictions.tasks.housekeeping": {"queue": "bulk"},
    "predictions.tasks.scrub_accounts": {"queue": "bulk"},
    "predictions.tasks.mail_drift": {"queue": "outbound"},
    "accounts.tasks.*": {"queue": "outbound"},
}
# A dead or frozen broker must not delay a customer: rows are the queue, messages only notify workers.
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_POOL_ACQUIRE_TIMEOUT = 1
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
    "max_retries": 0,
    # Workers write nothing when they take a message, so they go on while the broker's memory is full. Lost
    # messages do no harm.
    "ack_emulation": False,
}
# A worker waits up to a second for each message, so its sockets need longer timeouts.
WORKER_TRANSPORT_OPTIONS = CELERY_BROKER_TRANSPORT_OPTIONS | {
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A worker that starts while the broker's memory is full connects again until there is room.
CELERY_BROKER_CHANNEL_ERROR_RETRY = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CONCURRENCY = env.int("WORKER_CONCURRENCY", 2)
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
# A task that hangs is killed; its rows are requeued when their lease ends.
CELERY_TASK_TIME_LIMIT = 120
# Loading the models takes seconds on a busy machine.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_RESULT_BACKEND = "creditscore.run.results:Results"
CELERY_RESULT_EXTENDED = True
# Store the time of each run immediately, because the clock's health check reads it.
CELERY_BEAT_SYNC_EVERY = 1
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_TASK_SERIALIZER = CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
