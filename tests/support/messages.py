"""Messages that wait in the broker."""

import base64
import json

from django.conf import settings
from redis import Redis


def waiting_messages(queue: str) -> list[list[object]]:
    """The arguments of the messages of a queue that nobody has read, the oldest first."""
    with Redis.from_url(settings.REDIS_URL) as client:
        published = [json.loads(message) for message in reversed(client.lrange(queue, 0, -1))]
    return [json.loads(base64.b64decode(message["body"]))[0] for message in published]


def empty_queue(queue: str) -> None:
    """Lose all messages of a queue."""
    with Redis.from_url(settings.REDIS_URL) as client:
        client.delete(queue)
