"""Celery's entry points of accounts. Their messages have a queue of their own, apart from orders."""

from celery import shared_task
from django.utils import translation
from kombu.exceptions import OperationalError

from accounts import reset_mail
from accounts.errors import CustomerError
from accounts.wakeups import message_read, publish
from accounts.webhooks import notices
from accounts.webhooks.sender import Sender
from telemetry import metrics

# Of this process.
sender = Sender()


class MailUnavailable(CustomerError):
    """The request could not be passed on to a worker. Nothing was sent."""

    status = 503
    code = "mail_unavailable"
    retry_after = 60


# Arguments hold an address, so nothing is stored.
@shared_task(ignore_result=True)
def mail_reset_links(email: str, language: str) -> None:
    """Mail links to the accounts with this address, if any, in the language of the request."""
    with translation.override(language):
        reset_mail.send(email)


def request_reset_links(email: str) -> None:
    """Have a worker mail the links. Does the same for an unknown address. Raises `MailUnavailable`."""
    try:
        mail_reset_links.delay(email, translation.get_language())
    except OperationalError as error:
        metrics.failed("publish")
        raise MailUnavailable from error


@shared_task(ignore_result=True)
def send_webhooks() -> None:
    """Wake this process's sender, whose threads send; mails do not wait for it."""
    message_read("outbound")
    sender.woken.set()


def look_for_webhooks() -> bool:
    """Publish mails that are due and send webhooks; return True if there is more to do at once."""
    notices.publish_due(mail_webhook_is_off.delay)
    return sender.send_due()


def notify_senders() -> bool:
    """Wake a sender; return False if the broker does not answer. Senders look by themselves in a while."""
    return publish(send_webhooks)


@shared_task(ignore_result=True)
def mail_webhook_is_off(pk: str) -> None:
    """Tell the owner of a webhook that it was switched off."""
    notices.send(pk)
