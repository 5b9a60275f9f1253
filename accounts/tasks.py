"""Celery's entry points of accounts. Their messages have a queue of their own, apart from orders."""

from celery import shared_task
from django.utils import translation
from kombu.exceptions import OperationalError

from accounts import reset_mail
from accounts.errors import CustomerError
from telemetry import metrics


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
