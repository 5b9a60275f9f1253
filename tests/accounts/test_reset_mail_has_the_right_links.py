import pytest
from django.core import mail
from pytest_django import Settings

from accounts.models import User
from accounts.reset_mail import MAX_ACCOUNTS
from tests.support.people import PASSWORD
from tests.support.resets import reset_links


def test_one_mail_has_the_links_of_all_accounts_of_an_address(alice: User, bob: User) -> None:
    User.objects.create_user("alice2", alice.email, PASSWORD)
    assert len(reset_links(alice.email)) == 2
    (message,) = mail.outbox
    assert message.to == [alice.email]
    assert "account alice:" in message.body
    assert "account alice2:" in message.body
    assert "Each link works once" in message.body


def test_the_number_of_links_is_limited(db: None) -> None:
    for number in range(MAX_ACCOUNTS + 20):
        User.objects.create_user(f"user{number}", "crowd@example.org", PASSWORD)
    assert len(reset_links("crowd@example.org")) == MAX_ACCOUNTS
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("typed", ["alice@example.org", "ALICE@example.org", "Alice@Example.ORG"])
def test_the_mail_goes_to_the_address_of_the_account(alice: User, typed: str) -> None:
    assert len(reset_links(typed)) == 1
    assert mail.outbox[0].to == ["alice@example.org"]


def test_another_spelling_of_the_address_may_be_somebody_else(alice: User) -> None:
    User.objects.create_user("mallory", "Alice@example.org", PASSWORD)
    for typed, owner in (("alice@example.org", "alice"), ("Alice@example.org", "mallory")):
        assert len(reset_links(typed)) == 1
        assert mail.outbox[0].to == [typed]
        assert f"account {owner}:" in mail.outbox[0].body


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"password": "!unusable"}, {"email": "alice@example.com"}]
)
def test_there_is_no_mail_if_no_account_can_be_reset(alice: User, change: dict[str, object]) -> None:
    User.objects.update(**change)
    assert reset_links("alice@example.org") == []
    assert mail.outbox == []


@pytest.mark.parametrize("look_alike", ["alıce@example.org", "alice@example.org\u200b", "аlice@example.org"])
def test_letters_that_look_alike_are_other_addresses(alice: User, look_alike: str) -> None:
    assert reset_links(look_alike) == []


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        ("en", "Reset your Creditscore password", "Set a new password for the account alice"),
        ("ru", "пароль", "пароль останется прежним"),
    ],
)
def test_it_is_in_the_language_of_the_request(alice: User, language: str, subject: str, text: str) -> None:
    reset_links(alice.email, language)
    assert subject in mail.outbox[0].subject
    assert text in mail.outbox[0].body


def test_links_begin_with_the_address_of_the_site(alice: User, settings: Settings) -> None:
    settings.SITE_URL = "https://scores.example.org"
    (path,) = reset_links(alice.email)
    assert f"\n\nhttps://scores.example.org{path}\n\n" in mail.outbox[0].body
