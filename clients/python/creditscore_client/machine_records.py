"""What the service answers with about API keys and webhooks. Members of newer services are in `body`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Literal, Self
from uuid import UUID

Body = Mapping[str, Any]
Scope = Literal["read", "predict", "pay"]
WebhookEvent = Literal[
    "prediction.succeeded", "prediction.failed", "batch.quoted", "batch.completed", "balance.low", "ping"
]


@dataclass(frozen=True)
class KeyRecord:
    """An API key. `key` is the whole key, "" but in the answer that made it."""

    id: UUID
    name: str
    prefix: str
    scopes: tuple[Scope, ...]
    daily_limit: Decimal | None
    orders_per_minute: int | None
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    body: Body = field(repr=False)
    # Not for logs.
    key: str = field(repr=False)

    @classmethod
    def of(cls, body: Body) -> Self:
        limit = body["daily_limit"]
        return cls(
            id=UUID(body["id"]),
            name=body["name"],
            prefix=body["prefix"],
            scopes=tuple(body["scopes"]),
            daily_limit=None if limit is None else Decimal(limit),
            orders_per_minute=body["orders_per_minute"],
            created_at=datetime.fromisoformat(body["created_at"]),
            expires_at=_time(body["expires_at"]),
            last_used_at=_time(body["last_used_at"]),
            body=body,
            key=body.get("key", ""),
        )


@dataclass(frozen=True)
class WebhookEndpoint:
    """An address. `secret` is "" but in the answer that made it. `off_reason` says why it is not `active`."""

    id: UUID
    url: str
    events: tuple[WebhookEvent, ...]
    active: bool
    off_reason: str
    failing_since: datetime | None
    created_at: datetime
    body: Body = field(repr=False)
    # Not for logs.
    secret: str = field(repr=False)

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(
            id=UUID(body["id"]),
            url=body["url"],
            events=tuple(body["events"]),
            active=body["active"],
            off_reason=body["off_reason"],
            failing_since=_time(body["failing_since"]),
            created_at=datetime.fromisoformat(body["created_at"]),
            body=body,
            secret=body.get("secret", ""),
        )


@dataclass(frozen=True)
class Delivery:
    """An event for one webhook, with its last try. `next_try_at` is None once it has ended."""

    id: UUID
    event_id: UUID
    type: WebhookEvent
    status: Literal["pending", "delivered", "failed"]
    attempts: int
    attempted_at: datetime | None
    response_status: int | None
    error: str
    next_try_at: datetime | None
    created_at: datetime
    body: Body = field(repr=False)

    @property
    def is_pending(self) -> bool:
        return self.status == "pending"

    @classmethod
    def of(cls, body: Body) -> Self:
        return cls(
            id=UUID(body["id"]),
            event_id=UUID(body["event_id"]),
            type=body["type"],
            status=body["status"],
            attempts=body["attempts"],
            attempted_at=_time(body["attempted_at"]),
            response_status=body["response_status"],
            error=body["error"],
            next_try_at=_time(body["next_try_at"]),
            created_at=datetime.fromisoformat(body["created_at"]),
            body=body,
        )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
