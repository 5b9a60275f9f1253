import pytest
from django.test import Client
from django.urls import reverse

from tests.support.html import Page
from tests.support.people import give_money


def test_the_browsers_language_is_the_first(client: Client, catalog: None) -> None:
    home = reverse("home")
    assert Page(client.get(home, headers={"Accept-Language": "ru"})).all("html", lang="ru")
    assert Page(client.get(home, headers={"Accept-Language": "de"})).all("html", lang="en")


def test_the_switch_keeps_the_page_and_stays(alices: Client) -> None:
    history = reverse("predictions:history") + "?status=failed"
    page = Page(alices.get(history))
    switch = page.all("form", action=reverse("set_language"))[0]
    assert switch.attributes["method"] == "post"
    sent = {
        "next": page.value_of("next"),
        "language": page.all("button", name="language")[0].attributes["value"],
    }
    answer = alices.post(reverse("set_language"), sent)
    assert answer["Location"] == history
    for address in (history, reverse("predictions:transactions"), reverse("home")):
        assert Page(alices.get(address, headers={"Accept-Language": "en"})).all("html", lang="ru")


@pytest.mark.parametrize(
    ("language", "texts"),
    [("en", ("1,234.50\u00a0USD", "Balance")), ("ru", ("1\u00a0234,50\u00a0USD", "Баланс"))],
)
def test_money_is_in_the_readers_format(
    client: Client, alice: object, catalog: None, language: str, texts: tuple[str, ...]
) -> None:
    give_money(alice, 1234_50)  # type: ignore[arg-type]
    client.force_login(alice)  # type: ignore[arg-type]
    shown = client.get(
        reverse("predictions:dashboard"), headers={"Accept-Language": language}
    ).content.decode()
    for text in texts:
        assert text in shown
