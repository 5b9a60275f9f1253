"""By 410 at once, otherwise after days without a success; the owner is told by mail."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.utils import timezone

from accounts import tasks
from accounts.models import User
from accounts.webhooks import endpoints, notices
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.sender import Sender
from tests.support.broker import Broker
from tests.support.messages import waiting_messages
from tests.support.receivers import Receiver, make_due, only_delivery

Endpoint = tuple[WebhookEndpoint, str]


def publish_and_send() -> None:
    """What the mailer does: take the messages and mail."""
    keys: list[str] = []
    notices.publish_due(keys.append)
    for key in keys:
        notices.send(key)


def fail(endpoint: WebhookEndpoint, sender: Sender) -> None:
    endpoints.send_test(endpoint)
    sender.send_due()
    endpoint.refresh_from_db()


def fail_since(endpoint: WebhookEndpoint, days: float) -> None:
    WebhookEndpoint.objects.update(failing_since=timezone.now() - timedelta(days=days))


def test_410_at_once(endpoint: Endpoint, receiver: Receiver, sender: Sender) -> None:
    to, _secret = endpoint
    receiver.statuses = [410]
    fail(to, sender)
    assert (to.active, to.off_reason, to.last_status) == (False, "gone", 410)
    assert (only_delivery().status, only_delivery().attempts) == ("failed", 1)
    make_due()
    sender.send_due()
    assert len(receiver.received) == 1


def test_days_of_failure_and_not_fewer(
    endpoint: Endpoint, receiver: Receiver, sender: Sender, settings: Any
) -> None:
    to, _secret = endpoint
    receiver.statuses = [500, 500, 500]
    days = settings.WEBHOOK_FAILING.days
    fail(to, sender)
    assert to.failing_since
    fail_since(to, days - 0.1)
    fail(to, sender)
    assert to.active
    fail_since(to, days + 0.1)
    fail(to, sender)
    assert (to.active, to.off_reason) == (False, "failing")


def test_a_success_in_between_begins_anew(endpoint: Endpoint, receiver: Receiver, sender: Sender) -> None:
    to, _secret = endpoint
    receiver.statuses = [500, 200, 500]
    fail(to, sender)
    fail_since(to, 3.9)
    fail(to, sender)
    assert to.failing_since is None
    fail(to, sender)
    assert to.active
    assert to.failing_since
    assert to.failing_since > timezone.now() - timedelta(minutes=5)


@pytest.mark.parametrize(
    ("language", "subject", "said"),
    [("en", "Webhook switched off", "410"), ("ru", "Вебхук отключён", "410")],
)
def test_the_mail_names_customer_site_address_and_last_error(
    endpoint: Endpoint, receiver: Receiver, sender: Sender, language: str, subject: str, said: str
) -> None:
    to, secret = endpoint
    WebhookEndpoint.objects.update(language=language)
    receiver.statuses = [410]
    fail(to, sender)
    publish_and_send()
    [letter] = mail.outbox
    assert letter.to == ["alice@example.org"]
    assert subject in letter.subject
    for text in ("alice", "http://127.0.0.1:8000", receiver.url, said, f"/account/webhooks/{to.pk}/"):
        assert text in letter.body
    assert secret not in letter.body
    # Once.
    publish_and_send()
    assert len(mail.outbox) == 1


def test_a_mail_that_was_not_sent_is_published_again(
    endpoint: Endpoint, receiver: Receiver, sender: Sender, settings: Any, refusing_mail_server: str
) -> None:
    receiver.statuses = [410]
    fail(endpoint[0], sender)
    keys: list[str] = []
    notices.publish_due(keys.append)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", int(refusing_mail_server.rpartition(":")[2])
    with pytest.raises(OSError, match="alice"):
        notices.send(keys[0])
    notices.publish_due(keys.append)
    assert len(keys) == 1  # Not at once.
    WebhookEndpoint.objects.update(mail_due_at=timezone.now())
    notices.publish_due(keys.append)
    assert len(keys) == 2


def test_the_mail_goes_through_the_queue_and_holds_no_address(
    endpoint: Endpoint, receiver: Receiver, sender: Sender
) -> None:
    receiver.statuses = [410]
    fail(endpoint[0], sender)
    tasks.look_for_webhooks()
    assert [str(endpoint[0].pk)] in waiting_messages("outbound")
    tasks.mail_webhook_is_off(str(endpoint[0].pk))
    assert len(mail.outbox) == 1


def test_without_a_broker_the_mail_is_published_later(
    endpoint: Endpoint, receiver: Receiver, sender: Sender, own_broker: Broker
) -> None:
    receiver.statuses = [410]
    fail(endpoint[0], sender)
    own_broker.stop()
    tasks.look_for_webhooks()
    endpoint[0].refresh_from_db()
    assert endpoint[0].mail_due_at


def test_nobody_is_told_of_what_they_did_themselves(endpoint: Endpoint) -> None:
    endpoints.change(endpoint[0], active=False)
    publish_and_send()
    assert mail.outbox == []


def test_one_that_was_switched_on_again_is_on_and_its_mail_is_not_sent(
    endpoint: Endpoint, receiver: Receiver, sender: Sender
) -> None:
    to, _secret = endpoint
    receiver.statuses = [410]
    fail(to, sender)
    changed = endpoints.change(to, active=True)
    assert (changed.active, changed.off_reason, changed.failing_since) == (True, "", None)
    publish_and_send()
    assert mail.outbox == []
    fail(to, sender)
    assert [one.status for one in WebhookDelivery.objects.order_by("created_at")] == ["failed", "delivered"]


def test_a_customer_without_an_address_gets_no_mail(
    alice: User, endpoint: Endpoint, receiver: Receiver, sender: Sender
) -> None:
    User.objects.update(email="")
    receiver.statuses = [410]
    fail(endpoint[0], sender)
    publish_and_send()
    endpoint[0].refresh_from_db()
    assert (mail.outbox, endpoint[0].mail_due_at) == ([], None)
