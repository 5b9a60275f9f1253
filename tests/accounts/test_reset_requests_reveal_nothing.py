"""A request publishes one message, whatever the address; a worker does the rest."""

import time
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.throttling import RESETS, RESETS_OF_EMAIL
from tests.support.broker import Broker
from tests.support.clock import Forward
from tests.support.html import Page
from tests.support.messages import waiting_messages
from tests.support.processes import StartWorker
from tests.support.resets import LINK

RESET = "/account/reset/"


def ask(email: str, address: str = "192.0.2.1", language: str = "en", **headers: str) -> Any:
    client = Client(headers={"Accept-Language": language, **headers})
    return client.post(RESET, {"email": email}, REMOTE_ADDR=address)


def test_known_and_unknown_addresses_are_handled_alike(alice: User) -> None:
    seen = []
    for email in (alice.email, "nobody@example.org"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = ask(email)
        seen.append((answer.status_code, answer["Location"], answer.content, len(queries)))
    assert seen == [(302, "/account/reset/sent/", b"", 0)] * 2
    assert mail.outbox == []
    assert waiting_messages("outbound") == [["alice@example.org", "en"], ["nobody@example.org", "en"]]


def test_a_worker_mails_the_links(
    alice: User, start_worker: StartWorker, transactional_db: None, tmp_path: Path
) -> None:
    folder = tmp_path / "mail"
    start_worker(EMAIL_URL=f"filemail:///{folder}", SITE_URL="https://scores.example.org")
    # Neither the name nor the port of the request gets into the mail.
    assert ask(alice.email, language="ru", Host="localhost:6666").status_code == 302
    deadline = time.monotonic() + 30
    while not (files := list(folder.glob("*")) if folder.exists() else []) or not files[0].read_text():
        assert time.monotonic() < deadline, "no mail"
        time.sleep(0.05)
    text = files[0].read_text()
    assert "https://scores.example.org/account/reset/" in text
    assert "6666" not in text
    link = LINK.findall(text)[0]
    assert "new_password" in Client().get(link, follow=True).content.decode()


@pytest.mark.parametrize("fault", ["dead", "frozen"])
@pytest.mark.parametrize(
    ("language", "text"),
    [("en", "We cannot send email right now. Try again in 1 minute."), ("ru", "не получается отправить")],
)
def test_it_is_said_if_no_worker_can_be_reached(
    alice: User, own_broker: Broker, fault: str, language: str, text: str
) -> None:
    def answers() -> list[tuple[int, str, str]]:
        found = []
        for email in (alice.email, "nobody@example.org"):
            answer = ask(email, language=language)
            told = Page(answer).all("p", role="alert")[0].words
            found.append((answer.status_code, answer["Retry-After"], told))
        return found

    if fault == "dead":
        own_broker.stop()
        known, unknown = answers()
    else:
        with own_broker.frozen():
            known, unknown = answers()
    assert known == unknown
    assert known[:2] == (503, "60")
    assert text in known[2]


@pytest.mark.parametrize("email", ["alice@example.org", "nobody@example.org"])
def test_an_email_is_asked_for_so_often_an_hour(alice: User, forward: Forward, email: str) -> None:
    spellings = [email, email.upper(), email.title()]
    answers = [
        ask(spellings[number % 3], address=f"192.0.2.{number}")
        for number in range(RESETS_OF_EMAIL.attempts + 1)
    ]
    assert [answer.status_code for answer in answers] == [302] * RESETS_OF_EMAIL.attempts + [429]
    refused = answers[-1]
    assert 1 <= int(refused["Retry-After"]) <= 3600
    assert "Too many requests for this email address." in Page(refused).all("p", role="alert")[0].words
    assert ask("bob@example.org").status_code == 302
    forward(int(refused["Retry-After"]))
    assert ask(email).status_code == 302


def test_a_network_asks_so_often_an_hour(db: None, forward: Forward) -> None:
    codes = [
        ask(f"user{number}@example.org", address=f"2001:db8::{number:x}").status_code
        for number in range(RESETS.attempts + 1)
    ]
    assert codes == [302] * RESETS.attempts + [429]
    assert ask("user@example.org", address="2001:db8:1::").status_code == 302


def test_what_a_network_is_refused_counts_for_no_email(db: None, forward: Forward) -> None:
    for number in range(RESETS.attempts):
        ask(f"user{number}@example.org")
    for _attempt in range(RESETS_OF_EMAIL.attempts + 1):
        assert ask("alice@example.org").status_code == 429
    assert ask("alice@example.org", address="192.0.2.2").status_code == 302


@pytest.mark.parametrize("email", ["", "nobody", "a@b@c", "a@example.org\r\nBcc: b@example.org", "x" * 300])
def test_what_is_no_address_is_refused(db: None, email: str) -> None:
    assert ask(email).status_code == 422
    assert waiting_messages("outbound") == []


def test_mail_does_not_wait_among_orders() -> None:
    from accounts.tasks import mail_reset_links
    from creditscore.celery import app

    assert app.amqp.router.route({}, mail_reset_links.name)["queue"].name == "outbound"
    assert set(app.amqp.queues) == {"orders", "explanations", "bulk", "outbound", "training"}
    assert settings.EMAIL_TIMEOUT
