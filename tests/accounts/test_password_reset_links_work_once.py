from django.test import Client

from accounts import tokens
from accounts.models import User
from tests.support.people import PASSWORD, ApiClientFor
from tests.support.resets import reset_link

NEW = "another horse battery staple"


def test_a_link_sets_it_once_and_ends_sessions_and_tokens(alice: User, api: ApiClientFor) -> None:
    elsewhere, program = Client(), api(alice)
    elsewhere.force_login(alice)
    link = reset_link(alice)
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
    client, link = Client(), reset_link(alice)
    form = client.get(link)["Location"]
    assert client.post(form, {"new_password": "12345678"}).status_code == 422
    alice.refresh_from_db()
    assert alice.check_password(PASSWORD)


def test_a_link_of_somebody_else_does_not_fit(alice: User, bob: User) -> None:
    mine, theirs = reset_link(alice), reset_link(bob)
    mixed = "/".join([*theirs.split("/")[:4], *mine.split("/")[4:]])
    assert Client().get(mixed).status_code == 200
    assert b"new_password" not in Client().get(mixed).content
