"""The Python client's keys and webhooks, against the running service."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from accounts.webhooks.sender import Sender
from creditscore_client import (
    ApiKey,
    Client,
    Conflict,
    Invalid,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    webhooks,
)
from tests.clients.conftest import Connect
from tests.support.receivers import Receiver, make_due


def test_a_key_from_its_creation_to_its_end(client_of_alice: Client, connect: Connect) -> None:
    keys = client_of_alice.api_keys
    expires = datetime.now(UTC) + timedelta(days=30)
    made = keys.create(
        "desk", ["read"], daily_limit=Decimal("25.50"), orders_per_minute=60, expires_at=expires
    )
    assert (made.name, made.scopes, made.daily_limit) == ("desk", ("read",), Decimal("25.50"))
    assert (made.orders_per_minute, made.expires_at) == (60, expires)
    assert made.key.startswith(made.prefix)
    assert made.key not in repr(made)

    program = connect(credentials=ApiKey(made.key))
    assert program.account.balance().balance == Decimal("1000.00")
    with pytest.raises(NotAllowed):
        program.api_keys.create("another", ["read"])

    second = keys.rotate(made.id, grace_hours=1)
    assert second.key != made.key
    listed = list(keys.all())
    assert [one.id for one in listed] == [second.id, made.id]
    assert [one.key for one in listed] == ["", ""]
    assert listed[1].last_used_at is not None
    keys.revoke(made.id)
    with pytest.raises(NotAuthenticated):
        program.account.balance()
    with pytest.raises(NotFound):
        keys.revoke(made.id)
    assert connect(credentials=ApiKey(second.key)).account.balance()


def test_a_key_needs_no_limits(client_of_alice: Client) -> None:
    made = client_of_alice.api_keys.create("plain", ["read", "predict", "pay"])
    assert (made.daily_limit, made.orders_per_minute, made.expires_at) == (None, None, None)
    with pytest.raises(ValueError, match="zone"):
        client_of_alice.api_keys.create("late", ["read"], expires_at=datetime(2100, 1, 1))  # noqa: DTZ001


@pytest.mark.usefixtures("own_network")
def test_a_webhook_from_its_creation_to_its_end(
    client_of_alice: Client, receiver: Receiver, sender: Sender
) -> None:
    hooks = client_of_alice.webhooks
    made = hooks.create(receiver.url, ["balance.low"])
    assert (made.url, made.events, made.active) == (receiver.url, ("balance.low",), True)
    assert made.secret not in repr(made)

    queued = hooks.test(made.id)
    assert (queued.type, queued.is_pending) == ("ping", True)
    sender.send_due()
    [sent] = hooks.deliveries(made.id)
    assert sent == hooks.delivery(made.id, queued.id)
    assert (sent.status, sent.response_status, sent.next_try_at) == ("delivered", 204, None)
    [request] = receiver.received
    event = webhooks.verify(request.body.encode(), request.headers, made.secret)
    assert (UUID(event.id), event.type) == (sent.event_id, "ping")

    new = hooks.rotate(made.id)
    assert new.secret not in ("", made.secret)
    assert hooks.replay(made.id, sent.id).is_pending
    sender.send_due()
    again = receiver.received[-1]
    # For a day, both sign.
    for secret in (made.secret, new.secret):
        assert webhooks.verify(again.body.encode(), again.headers, secret).id == event.id

    changed = hooks.change(made.id, url=receiver.url + "&new=1", events=["ping"], active=False)
    assert (changed.url, changed.events, changed.off_reason) == (receiver.url + "&new=1", ("ping",), "owner")
    assert hooks.get(made.id) == changed
    with pytest.raises(Conflict):
        hooks.test(made.id)
    assert list(hooks.all()) == [changed]
    hooks.delete(made.id)
    assert list(hooks.all()) == []


@pytest.mark.usefixtures("own_network")
def test_what_has_failed_is_sent_again(client_of_alice: Client, receiver: Receiver, sender: Sender) -> None:
    hooks = client_of_alice.webhooks
    made = hooks.create(receiver.url, ["ping"])
    receiver.statuses = [410]
    failed = hooks.test(made.id)
    sender.send_due()
    assert hooks.delivery(made.id, failed.id).error == "status"
    assert hooks.get(made.id).off_reason == "gone"
    hooks.change(made.id, active=True)
    since = failed.created_at - timedelta(seconds=1)
    assert hooks.replay_failed(made.id, since, since) == 0
    assert hooks.replay_failed(made.id, since) == 1
    make_due()
    sender.send_due()
    assert hooks.delivery(made.id, failed.id).status == "delivered"


def test_an_address_that_is_refused_names_its_field(client_of_alice: Client) -> None:
    with pytest.raises(Invalid) as refusal:
        client_of_alice.webhooks.create("https://10.0.0.1/", ["ping"])
    assert [(one.field, one.code) for one in refusal.value.errors] == [("url", "forbidden_address")]
