"""Messages that wait in the broker."""

import base64
import json
from typing import Any

from django.conf import settings
from django.core.cache import cache
from redis import Redis


def waiting_messages(queue: str) -> list[list[object]]:
    """The arguments of the messages of a queue that nobody has read, the oldest first."""
    return [json.loads(base64.b64decode(message["body"]))[0] for message in _waiting(queue)]


def waiting_tasks(queue: str) -> list[str]:
    """Their names, in the same order."""
    return [message["headers"]["task"] for message in _waiting(queue)]


def _waiting(queue: str) -> list[dict[str, Any]]:
    with Redis.from_url(settings.REDIS_URL) as client:
        return [json.loads(message) for message in reversed(client.lrange(queue, 0, -1))]


def empty_queue(queue: str) -> None:
    """Take all messages of a queue, as a worker does that reads them."""
    with Redis.from_url(settings.REDIS_URL) as client:
        client.delete(queue)
    cache.delete(f"message:{queue}")
