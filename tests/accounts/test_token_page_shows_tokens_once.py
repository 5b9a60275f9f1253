import subprocess
import sys
from urllib.parse import urlsplit

from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer
from rest_framework.test import APIClient

from tests.support.html import Page
from tests.support.processes import Worker

TOKENS = reverse("accounts:tokens")


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
