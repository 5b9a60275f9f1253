"""Messages that wake the processes of a queue. The rows are the queue, so a lost message does no harm."""

import logging

from celery import Task
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from telemetry import metrics

logger = logging.getLogger(__name__)

# Each message wakes one process of a worker, which then does all that waits.
ON_ITS_WAY_SECONDS = 5
# Among so many of a queue's newest messages, another one is looked for. The clock's wait in it, too.
NEWEST = 10


def publish(task: Task[[], None]) -> bool:
    """Publish a message, unless one is on its way: whoever reads it sees all rows that were stored before.

    A message that was lost, or a mark without one, blocks others for `ON_ITS_WAY_SECONDS`. One that waits for
    longer still blocks them while it is among the newest, so that a queue that nobody reads hardly grows.
    """
    queue = task.app.amqp.router.route({}, task.name)["queue"].name
    try:
        if cache.add(_on_its_way(queue), 1, ON_ITS_WAY_SECONDS):
            _send(task, queue)
    except (OperationalError, RedisError) as error:
        logger.error("message not published, the broker does not answer: %s", error)
        metrics.failed("publish")
        return False
    return True


def _send(task: Task[[], None], queue: str) -> None:
    """Publish a message, unless one waits to be read. Raises `OperationalError`."""
    try:
        with task.app.producer_or_acquire() as producer, producer.connection._reraise_as_library_errors():
            with producer.channel.conn_or_acquire() as broker:
                waiting: list[bytes] = broker.lrange(queue, 0, NEWEST - 1)
            if not any(task.name.encode() in message for message in waiting):
                task.apply_async(producer=producer)
    except OperationalError:
        message_read(queue)  # There is none.
        raise


def message_read(queue: str) -> None:
    """From now on, what is stored needs another message. To be called before the rows are read."""
    try:
        cache.delete(_on_its_way(queue))
    except RedisError as error:
        # The mark ends by itself, and workers look for orders without a message.
        logger.warning("the broker does not answer: %s", error)


def _on_its_way(queue: str) -> str:
    return f"message:{queue}"
