"""A call of the API with a token does no work for sessions, messages and fragments of pages."""

import gzip

import pytest
from django.test import Client
from django.urls import reverse

from accounts import tokens
from accounts.models import User
from creditscore.http.pages import COMPRESSED_BYTES

FOR_PAGES = {"session", "htmx", "_messages", "auser"}
BALANCE = reverse("api:balance")


@pytest.fixture
def bearer(alice: User) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens.issue(alice).access}"}


def test_a_call_has_what_it_uses(client: Client, bearer: dict[str, str]) -> None:
    answer = client.get(BALANCE, headers=bearer)
    assert answer.status_code == 200
    assert not FOR_PAGES & vars(answer.wsgi_request).keys()


def test_a_browser_that_is_logged_in_reads_the_api(client: Client, alice: User) -> None:
    client.force_login(alice)
    # A proxy may ask for a password of its own.
    answer = client.get(BALANCE, headers={"Authorization": "Basic YTpi"})
    assert answer.status_code == 200
    assert vars(answer.wsgi_request).keys() >= FOR_PAGES


def test_the_token_decides_and_not_the_session(client: Client, alice: User, bearer: dict[str, str]) -> None:
    client.force_login(User.objects.create_user("bob"))
    assert client.get(reverse("api:me"), headers=bearer).json()["username"] == "alice"
    assert client.get(reverse("api:me"), headers={"Authorization": "Bearer x"}).status_code == 401


def test_a_call_may_ask_for_the_page_of_the_api(client: Client, bearer: dict[str, str]) -> None:
    answer = client.get(BALANCE, headers=bearer | {"Accept": "text/html"})
    assert answer.status_code == 200
    assert b"</html>" in answer.content
    assert b"alice" in answer.content


def test_a_call_is_answered_in_its_language(client: Client, bearer: dict[str, str]) -> None:
    texts = set()
    for code in ("en", "ru"):
        headers = bearer | {"Accept-Language": code}
        answer = client.post(reverse("api:top-ups"), {}, "application/json", headers=headers)
        texts.add(answer.json()["detail"])
    assert len(texts) == 2


def test_short_answers_to_programs_travel_as_they_are(client: Client, bearer: dict[str, str]) -> None:
    packed = bearer | {"Accept-Encoding": "gzip"}
    assert "Content-Encoding" not in client.get(reverse("api:models"), headers=packed)
    schema = client.get(reverse("api:schema"), headers=packed)
    assert schema["Content-Encoding"] == "gzip"
    assert len(gzip.decompress(schema.content)) > COMPRESSED_BYTES
