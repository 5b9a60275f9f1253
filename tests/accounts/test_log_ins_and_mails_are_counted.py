"""Log-ins by their result, and mails that were sent or failed."""

import pytest
from django.core import mail
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from accounts.tasks import MailUnavailable, mail_reset_links, request_reset_links
from tests.support.broker import Broker
from tests.support.clock import Forward
from tests.support.log_ins import log_in
from tests.support.metrics import Counted
from tests.support.people import PASSWORD

LOG_INS, MAILS = "creditscore_log_ins_total", "creditscore_mails_total"


def test_log_ins(alice: User, client: Client, counted: Counted, forward: Forward) -> None:
    assert log_in("alice", PASSWORD).status_code == 200
    assert client.post("/account/login/", {"username": "alice", "password": PASSWORD}).status_code == 302
    assert counted(LOG_INS, result="ok") == counted(LOG_INS) == 2
    for _attempt in range(5):
        assert log_in("alice", "wrong", "192.0.2.9").status_code == 401
    assert log_in("alice", "wrong", "192.0.2.9").status_code == 429
    assert counted(LOG_INS, result="invalid_credentials") == 5
    assert counted(LOG_INS, result="too_many_attempts") == 1
    assert counted(LOG_INS) == 8


def test_a_mail_that_is_sent(alice: User, counted: Counted) -> None:
    mail_reset_links("nobody@example.org", "en")
    assert counted(MAILS) == 0
    mail_reset_links(alice.email, "en")
    assert len(mail.outbox) == 1
    assert counted(MAILS, result="sent") == counted(MAILS) == 1


def test_a_mail_that_cannot_be_sent(alice: User, settings: Settings, counted: Counted) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    with pytest.raises(ConnectionRefusedError):
        mail_reset_links(alice.email, "en")
    assert counted(MAILS, result="failed") == counted(MAILS) == 1


def test_a_mail_that_nobody_can_be_asked_for(own_broker: Broker, counted: Counted) -> None:
    own_broker.stop()
    with pytest.raises(MailUnavailable):
        request_reset_links("alice@example.org")
    assert counted("creditscore_failures_total", kind="publish") == 1
