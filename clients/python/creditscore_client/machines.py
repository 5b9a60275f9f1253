"""API keys and webhooks. They need `Login` or `Tokens`: no API key may manage them."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from creditscore_client.machine_records import Delivery, KeyRecord, Scope, WebhookEndpoint, WebhookEvent
from creditscore_client.sending import pages
from creditscore_client.transport import Request, Transport


class ApiKeys:
    """Keys for programs."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def all(self) -> Iterator[KeyRecord]:
        """Yield the keys that work, newest first."""
        return map(KeyRecord.of, pages(self._transport, "api-keys/", {}))

    def create(
        self,
        name: str,
        scopes: Sequence[Scope],
        *,
        daily_limit: Decimal | str | None = None,
        orders_per_minute: int | None = None,
        expires_at: datetime | None = None,
    ) -> KeyRecord:
        """Make a key. Only this answer has it, in `key`; `expires_at` is a time with a zone."""
        body: dict[str, Any] = {"name": name, "scopes": list(scopes)}
        if daily_limit is not None:
            body["daily_limit"] = str(daily_limit)
        if orders_per_minute is not None:
            body["orders_per_minute"] = orders_per_minute
        if expires_at is not None:
            body["expires_at"] = _with_zone(expires_at)
        return KeyRecord.of(self._transport.send(Request("POST", "api-keys/", json=body)).body)

    def rotate(self, key: UUID, *, grace_hours: int = 24) -> KeyRecord:
        """Make a second key like this one, which ends after the grace. Only this answer has the new `key`."""
        request = Request("POST", f"api-keys/{key}/rotate/", json={"grace_hours": grace_hours})
        return KeyRecord.of(self._transport.send(request).body)

    def revoke(self, key: UUID) -> None:
        """End a key at once. Raises `NotFound` if it has ended."""
        self._transport.send(Request("DELETE", f"api-keys/{key}/"))


class Webhooks:
    """Addresses that are told of events."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def all(self) -> Iterator[WebhookEndpoint]:
        """Yield all webhooks, newest first."""
        return map(WebhookEndpoint.of, pages(self._transport, "webhooks/", {}))

    def get(self, webhook: UUID) -> WebhookEndpoint:
        return self._endpoint(Request("GET", f"webhooks/{webhook}/"))

    def create(self, url: str, events: Sequence[WebhookEvent]) -> WebhookEndpoint:
        """Register an address. Only this answer has its `secret`."""
        return self._endpoint(Request("POST", "webhooks/", json={"url": url, "events": list(events)}))

    def change(
        self,
        webhook: UUID,
        *,
        url: str | None = None,
        events: Sequence[WebhookEvent] | None = None,
        active: bool | None = None,
    ) -> WebhookEndpoint:
        """Change what is not None; `active` switches it on or off."""
        asked = {"url": url, "events": None if events is None else list(events), "active": active}
        body = {name: value for name, value in asked.items() if value is not None}
        return self._endpoint(Request("PATCH", f"webhooks/{webhook}/", json=body))

    def delete(self, webhook: UUID) -> None:
        self._transport.send(Request("DELETE", f"webhooks/{webhook}/"))

    def rotate(self, webhook: UUID) -> WebhookEndpoint:
        """Replace the secret. Only this answer has the new one; the old one signs too for 24 hours."""
        return self._endpoint(Request("POST", f"webhooks/{webhook}/rotate/"))

    def test(self, webhook: UUID) -> Delivery:
        """Send the event `ping`. Raises `Conflict` if the webhook is off."""
        return self._delivery(Request("POST", f"webhooks/{webhook}/test/"))

    def deliveries(self, webhook: UUID) -> Iterator[Delivery]:
        """Yield what was sent and what came back, newest first."""
        return map(Delivery.of, pages(self._transport, f"webhooks/{webhook}/deliveries/", {}))

    def delivery(self, webhook: UUID, delivery: UUID) -> Delivery:
        return self._delivery(Request("GET", f"webhooks/{webhook}/deliveries/{delivery}/"))

    def replay(self, webhook: UUID, delivery: UUID) -> Delivery:
        """Send a delivery again now, with the same event ID."""
        return self._delivery(Request("POST", f"webhooks/{webhook}/deliveries/{delivery}/replay/"))

    def replay_failed(self, webhook: UUID, since: datetime, until: datetime | None = None) -> int:
        """Send again what has failed for good in this time; return how many. Ask again until it is 0."""
        body = {"since": _with_zone(since), **({"until": _with_zone(until)} if until else {})}
        request = Request("POST", f"webhooks/{webhook}/replay/", json=body)
        return int(self._transport.send(request).body["replayed"])

    def _endpoint(self, request: Request) -> WebhookEndpoint:
        return WebhookEndpoint.of(self._transport.send(request).body)

    def _delivery(self, request: Request) -> Delivery:
        return Delivery.of(self._transport.send(request).body)


def _with_zone(at: datetime) -> str:
    """Raises `ValueError` for a time that could be any."""
    if at.tzinfo is None:
        raise ValueError("the time needs a zone")
    return at.isoformat()
