"""Celery's entry points of accounts. Their messages have a queue of their own, apart from orders."""

import logging

from celery import shared_task
from django.utils import translation
from kombu.exceptions import OperationalError

from accounts import notices as account_notices
from accounts import reset_mail
from accounts.errors import CustomerError
from accounts.models import User
from accounts.wakeups import message_read, publish
from accounts.webhooks import notices
from accounts.webhooks.sender import Sender
from telemetry import metrics

logger = logging.getLogger(__name__)

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
def mail_email_link(pk: str, language: str) -> None:
    """Mail the link that confirms the pending address of an account."""
    with translation.override(language):
        account_notices.send_email_link(pk)


def request_email_link(user: User) -> None:
    """Have a worker mail the link to the pending address. Raises `MailUnavailable`."""
    try:
        mail_email_link.delay(str(user.pk), translation.get_language())
    except OperationalError as error:
        metrics.failed("publish")
        raise MailUnavailable from error


@shared_task(ignore_result=True)
def mail_notice(kind: str, address: str, username: str, language: str) -> None:
    """Mail what has been done with an account."""
    with translation.override(language):
        account_notices.send(kind, address, username)


def notify(kind: str, address: str, username: str) -> None:
    """Have a worker mail the notice. What was done stays done if no worker can be told."""
    try:
        mail_notice.delay(kind, address, username, translation.get_language())
    except OperationalError as error:
        logger.error("a notice about an account is not mailed: %s", type(error).__name__)
        metrics.failed("publish")


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
