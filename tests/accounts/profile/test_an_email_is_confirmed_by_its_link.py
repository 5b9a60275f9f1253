"""A new address is that of the account once the owner of its mailbox says so."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tasks
from accounts.models import User
from accounts.profile import services
from accounts.throttling import EMAIL_LINKS_TO
from tests.support.broker import Broker
from tests.support.clock import Forward
from tests.support.people import PASSWORD

EMAIL, ACCOUNT = reverse("accounts:email"), reverse("accounts:account")
LINK = re.compile(r"https?://\S+(/account/email/\S+/)")
NEW = "anna@example.net"


def ask(client: Client, email: str = NEW, password: str = PASSWORD) -> int:
    return client.post(EMAIL, {"email": email, "password": password}).status_code


def link(user: User) -> str:
    mail.outbox.clear()
    tasks.mail_email_link(str(user.pk), "en")
    (message,) = mail.outbox
    (found,) = LINK.findall(str(message.body))
    user.refresh_from_db()
    assert message.to == [user.pending_email]
    return str(found)


def email(user: User) -> str:
    user.refresh_from_db()
    return user.email


def test_nothing_changes_before_the_button_of_the_link_is_pressed(reader: Client, alice: User) -> None:
    assert ask(reader) == 302
    address = link(alice)
    assert Client().get(address).status_code == 200
    assert email(alice) == "alice@example.org"
    assert Client().post(address).status_code == 302
    assert email(alice) == NEW
    assert alice.email_confirmed_at is not None
    assert alice.pending_email == ""


def test_a_wrong_password_sends_nothing(reader: Client, alice: User) -> None:
    assert ask(reader, password="wrong") == 422
    tasks.mail_email_link(str(alice.pk), "en")
    assert mail.outbox == []


def test_the_old_address_is_told(reader: Client, alice: User) -> None:
    ask(reader)
    address = link(alice)
    mail.outbox.clear()
    tasks.mail_notice("email_changed", "alice@example.org", "alice", "en")
    (message,) = mail.outbox
    assert message.to == ["alice@example.org"]
    assert NEW not in str(message.body)
    Client().post(address)


def test_a_link_works_once(reader: Client, alice: User) -> None:
    ask(reader)
    address = link(alice)
    Client().post(address)
    assert Client().post(address).status_code == 404
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize("change", ["password", "another address", "deactivated"])
def test_a_link_ends_with_what_it_was_made_for(reader: Client, alice: User, change: str) -> None:
    ask(reader)
    address = link(alice)
    if change == "password":
        alice.set_password("another long sentence")
        alice.save()
    elif change == "another address":
        services.request_email(alice, "other@example.net")
    else:
        User.objects.filter(pk=alice.pk).update(is_active=False)
    assert Client().post(address).status_code == 404
    assert email(alice) == "alice@example.org"


def test_a_link_ends_after_an_hour(reader: Client, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    ask(reader)
    address = link(alice)
    later = timezone.localtime().replace(tzinfo=None) + timedelta(seconds=3601)
    monkeypatch.setattr(services.EmailTokens, "_now", lambda self: later)
    assert Client().post(address).status_code == 404


def test_a_link_of_another_account_or_a_tampered_one_does_nothing(
    reader: Client, alice: User, bob: User
) -> None:
    ask(reader)
    address = link(alice)
    services.request_email(bob, NEW)
    uid, token = services.email_link_arguments(bob)
    own = address.split("/")[-2]
    for wrong in ([uid, own], [address.split("/")[-3], token], ["x", own], ["////".strip("/") or "_", "x-y"]):
        assert Client().post(reverse("accounts:email-confirm", args=wrong)).status_code == 404
    assert email(alice) == "alice@example.org"
    assert email(bob) == "bob@example.org"


def test_an_address_of_somebody_else_is_not_revealed(reader: Client, alice: User, bob: User) -> None:
    taken = reader.post(EMAIL, {"email": "bob@example.org", "password": PASSWORD}, follow=True)
    free = reader.post(EMAIL, {"email": "nobody@example.org", "password": PASSWORD}, follow=True)
    assert taken.content.decode().count("bob@example.org") == free.content.decode().count(
        "nobody@example.org"
    )
    assert taken.status_code == free.status_code == 200


def test_a_mailbox_is_not_flooded(reader: Client, alice: User, forward: Forward) -> None:
    for _ in range(EMAIL_LINKS_TO.attempts):
        assert ask(reader) == 302
    assert ask(reader) == 429


def test_mail_that_cannot_be_sent_is_told(reader: Client, alice: User, own_broker: Broker) -> None:
    own_broker.stop()
    answer = reader.post(EMAIL, {"email": NEW, "password": PASSWORD}, follow=True)
    assert "We cannot send email right now" in answer.content.decode()
    assert email(alice) == "alice@example.org"


def test_an_address_is_confirmed_even_if_the_old_one_cannot_be_told(
    reader: Client, alice: User, own_broker: Broker
) -> None:
    ask(reader)
    address = link(alice)
    own_broker.stop()
    assert Client().post(address).status_code == 302
    assert email(alice) == NEW


def test_the_address_of_the_sign_up_can_be_confirmed(reader: Client, alice: User) -> None:
    assert reader.post(reverse("accounts:email-link")).status_code == 302
    Client().post(link(alice))
    assert email(alice) == "alice@example.org"
    assert alice.email_confirmed_at is not None
