from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from tests.pages.page import Page

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


def test_the_python_that_is_shown_is_python(alices: Client) -> None:
    source = "".join(Page(alices.post(TOKENS)).by_id("python").text)
    compile(source, "shown", "exec")
    assert "http://testserver/api/v1/predictions/" in source
