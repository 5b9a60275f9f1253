import subprocess
import sys
from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from tests.support.html import Page
from tests.support.processes import Worker
from tests.support.tokens import is_alive, refresh

TOKENS = reverse("accounts:tokens")
REVOKE = reverse("accounts:tokens-revoke")


def test_the_pair_works_and_comes_with_a_ready_command(alices: Client) -> None:
    answer = alices.post(TOKENS)
    page = Page(answer)
    access = page.by_id("access").words
    assert page.by_id("curl").words == (
        f'curl http://testserver/api/v1/me/ -H "Authorization: Bearer {access}"'
    )
    program = APIClient()
    program.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    assert program.get("/api/v1/me/").json()["username"] == "alice"
    body = {"refresh": page.by_id("refresh").words}
    refreshed = APIClient().post("/api/v1/auth/token/refresh/", body, format="json")
    assert refreshed.status_code == 200
    assert page.all("span", class_="countdown")[0].attributes["data-countdown"]


def test_neither_a_later_page_nor_a_cache_has_it(alices: Client) -> None:
    answer = alices.post(TOKENS)
    assert "no-store" in answer["Cache-Control"]
    later = alices.get(TOKENS)
    assert not [element for element in Page(later).all("pre") if "access" in element.attributes.get("id", "")]


def test_one_button_revokes_all_tokens_and_keeps_the_session(alice: User, bob: User, client: Client) -> None:
    pairs, bobs = [tokens.issue(alice), tokens.issue(alice)], tokens.issue(bob)
    client.force_login(alice)
    forms = [form.attributes.get("action") for form in Page(client.get(TOKENS)).all("form")]
    assert REVOKE in forms
    answer = client.post(REVOKE, follow=True)
    assert answer.redirect_chain == [(TOKENS, 302)]
    assert "All your API tokens have been revoked." in answer.content.decode()
    for pair in pairs:
        assert not is_alive(pair)
        assert refresh(pair.refresh).status_code == 401
    assert is_alive(bobs)


def test_the_button_needs_a_session_and_a_post(alice: User, client: Client) -> None:
    pair = tokens.issue(alice)
    assert client.post(REVOKE)["Location"].startswith("/account/login/")
    client.force_login(alice)
    assert client.get(REVOKE).status_code == 405
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(alice)
    assert careful.post(REVOKE).status_code == 403
    assert is_alive(pair)


def test_the_python_that_is_shown_orders_a_prediction(
    live_server: LiveServer, alices: Client, worker: Worker
) -> None:
    shown = alices.post(TOKENS, headers={"Host": urlsplit(live_server.url).netloc})
    source = Page(shown).by_id("python").text
    printed = subprocess.run(
        [sys.executable, "-c", source], capture_output=True, text=True, check=True, timeout=60
    ).stdout
    assert "'status': 'succeeded'" in printed


def test_the_examples_are_there_before_the_tokens(alices: Client) -> None:
    page = Page(alices.get(TOKENS))
    assert "Bearer YOUR_ACCESS_TOKEN" in page.by_id("curl").words
    compile(page.by_id("python").text, "shown", "exec")
