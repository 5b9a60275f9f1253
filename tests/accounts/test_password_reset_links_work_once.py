import re

from django.core import mail
from django.test import Client

from accounts import tokens
from accounts.models import User
from accounts.throttling import RESETS
from tests.support.people import PASSWORD, ApiClientFor

NEW = "another horse battery staple"
LINK = re.compile(r"http://testserver(/account/reset/\S+)")


def ask(address: str, language: str = "en") -> str | None:
    """The path of the link that came by mail."""
    mail.outbox.clear()
    answer = Client().post("/account/reset/", {"email": address}, headers={"Accept-Language": language})
    assert answer["Location"] == "/account/reset/sent/"
    found = LINK.search(str(mail.outbox[0].body)) if mail.outbox else None
    return found[1] if found else None


def test_a_link_sets_it_once_and_ends_sessions_and_tokens(alice: User, api: ApiClientFor) -> None:
    elsewhere, program = Client(), api(alice)
    elsewhere.force_login(alice)
    link = ask(alice.email)
    assert link
    client = Client()
    form = client.get(link)["Location"]
    assert client.post(form, {"new_password": NEW})["Location"] == "/account/reset/done/"
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert program.get("/api/v1/me/").status_code == 401
    assert elsewhere.get("/dashboard/").status_code == 302
    assert b"already been used" in Client().get(link, follow=True, headers={"Accept-Language": "en"}).content
    assert tokens.issue(alice)


def test_a_bad_password_is_refused_beside_its_field(alice: User) -> None:
    client, link = Client(), ask(alice.email)
    form = client.get(str(link))["Location"]
    assert client.post(form, {"new_password": "12345678"}).status_code == 422
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_nobody_learns_who_has_an_account(alice: User) -> None:
    assert ask("nobody@example.org") is None


def test_a_link_of_somebody_else_does_not_fit(alice: User, bob: User) -> None:
    mine, theirs = str(ask(alice.email)), str(ask(bob.email))
    mixed = "/".join([*theirs.split("/")[:4], *mine.split("/")[4:]])
    assert Client().get(mixed).status_code == 200
    assert b"new_password" not in Client().get(mixed).content


def test_the_mail_speaks_the_readers_language(alice: User) -> None:
    ask(alice.email, "ru")
    assert "пароль" in mail.outbox[0].subject


def test_an_address_asks_so_often_an_hour(alice: User) -> None:
    codes = [
        Client().post("/account/reset/", {"email": "x"}).status_code for _n in range(2 * RESETS.attempts + 1)
    ]
    # The count may begin anew once, where an hour ends in between.
    assert RESETS.attempts <= codes.count(422) <= 2 * RESETS.attempts
    assert codes.count(429) == len(codes) - codes.count(422)
