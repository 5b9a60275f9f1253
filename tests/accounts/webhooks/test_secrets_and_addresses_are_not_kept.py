"""In logs, in the admin and in messages there are ids: no secret, no signature, no address, no body."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from accounts import tasks
from accounts.webhooks import deliveries, endpoints
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.sender import Sender
from accounts.webhooks.turns import Room
from tests.support.messages import waiting_messages
from tests.support.receivers import Receiver, make_due

Endpoint = tuple[WebhookEndpoint, str]


@pytest.mark.django_db(transaction=True)
def test_in_logs(
    endpoint: Endpoint,
    receiver: Receiver,
    sender: Sender,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    to, secret = endpoint
    receiver.statuses = [500, 200, 410]
    with caplog.at_level(logging.DEBUG):
        rotated = endpoints.rotate(to)
        for _try in range(2):
            endpoints.send_test(to)
            make_due()
            sender.send_due()
    WebhookEndpoint.objects.update(url="http://127.0.0.1:1/secret-path")
    seed = WebhookEndpoint.objects.get().seed
    said = caplog.text + "".join(capfd.readouterr())
    assert str(WebhookDelivery.objects.latest("created_at").pk) in said
    for kept in (secret, rotated, secret[6:], rotated[6:], seed, "v1,", receiver.url, "/hooks", "of=alice"):
        assert kept not in said
    assert len(receiver.received) == 3


def test_what_is_claimed_shows_its_id_alone(endpoint: Endpoint) -> None:
    endpoints.send_test(endpoint[0])
    [claimed] = deliveries.claim(Room(1, 1), None)
    assert claimed.secrets == (endpoint[1],)
    assert repr(claimed) == f"Claimed({claimed.id})"


def test_in_the_admin(endpoint: Endpoint, admin_client: Client) -> None:
    to, secret = endpoint
    delivery = endpoints.send_test(to)
    to.refresh_from_db()
    for name, key in (("webhookendpoint", to.pk), ("webhookdelivery", delivery.pk)):
        for address in (
            reverse(f"admin:accounts_{name}_changelist"),
            reverse(f"admin:accounts_{name}_change", args=[key]),
        ):
            page = admin_client.get(address).content.decode()
            assert str(to.url).partition("?")[0] in page or name == "webhookdelivery"
            for kept in (secret, to.seed, "seed"):
                assert kept not in page


def test_in_the_admin_nobody_searches_by_seed(endpoint: Endpoint, admin_client: Client) -> None:
    """Letter by letter, a filter in the address would reveal it."""
    for lookup in ("seed__startswith=a", "old_seed__gt=a"):
        address = reverse("admin:accounts_webhookendpoint_changelist") + f"?{lookup}"
        assert admin_client.get(address).status_code in (302, 400)
    address = reverse("admin:accounts_webhookdelivery_changelist") + "?endpoint__seed__startswith=a"
    assert admin_client.get(address).status_code in (302, 400)


@pytest.mark.django_db(transaction=True)
def test_in_messages(endpoint: Endpoint) -> None:
    endpoints.send_test(endpoint[0])
    assert waiting_messages("outbound") == [[]]
    tasks.send_webhooks()
    assert tasks.sender.woken.is_set()
    tasks.sender.woken.clear()
