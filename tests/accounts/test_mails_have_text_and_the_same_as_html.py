"""All mails are sent by one function: as text, and as HTML with the same words and links."""

import re
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from django.conf import settings
from django.core import mail
from django.utils import translation

from accounts import mails, tasks
from accounts.models import User

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "templates"
ENDING = "_subject.txt"
MAILS = sorted(str(path.relative_to(FOLDER))[: -len(ENDING)] for path in FOLDER.rglob(f"*{ENDING}"))
LINK = "https://scores.example.org/account/webhooks/1/?a=1&b=2"
# What customers type: a username, the address of a webhook, and what looks like a link of ours.
TYPED = "<img src=x onerror=alert(1)>\"'&amp;"
ADDRESS = "https://evil.example/?a=<script>&b=2"
CONTEXT = {
    "username": TYPED,
    "site": "https://scores.example.org",
    "link": LINK,
    "accounts": [(TYPED, LINK), ("bob", f"{LINK}3")],
    "endpoint": {"url": ADDRESS, "off_reason": "failing"},
    "error": "Status 500",
    "week": {"model": TYPED, "version": "2.0.0", "rows": 1234, "week": date(2027, 1, 4)},
    "fields": [("Age", 0.31), ("Yearly income", 0.27)],
}
LABELS = {LINK: "Open <it>", f"{LINK}3": "Open the other"}


def sent(template: str, language: str) -> tuple[str, BeautifulSoup]:
    with translation.override(language):
        mails.send(template, ["alice@example.org"], CONTEXT, LABELS)
    [message] = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    [(html, kind)] = message.alternatives
    assert kind == "text/html"
    return str(message.body), BeautifulSoup(str(html), "html.parser")


def words(text: str) -> list[str]:
    return text.split()


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("template", MAILS)
def test_both_parts_say_the_same(template: str, language: str) -> None:
    text, html = sent(template, language)
    assert html.html
    assert html.html["lang"] == language
    found = re.findall(r"^https://scores\S+$", text, re.MULTILINE)
    assert [link["href"] for link in html.find_all("a")] == found
    surface = html.find("td", class_="surface")
    assert surface
    [heading] = surface.find_all("h1")
    assert heading.extract().get_text() == mail.outbox[0].subject
    for link, label in sorted(LABELS.items(), reverse=True):
        text = text.replace(link, label)
    assert words(surface.get_text(" ")) == words(text)


@pytest.mark.parametrize("template", MAILS)
def test_what_customers_type_is_never_markup(template: str) -> None:
    text, html = sent(template, "en")
    assert not html.find_all(["img", "script", "it"])
    for typed in (TYPED, ADDRESS):
        assert (typed in text) == (typed in html.get_text())
    assert ADDRESS not in [link["href"] for link in html.find_all("a")]


@pytest.mark.parametrize("template", MAILS)
def test_nothing_is_loaded(template: str) -> None:
    _text, html = sent(template, "en")
    assert not html.find_all(["link", "iframe", "svg", "video", "form"])
    assert not [tag for tag in html.find_all(True) if {"src", "srcset", "background"} & set(tag.attrs)]
    assert not re.search(r"url\(|@import", str(html))


def test_only_this_function_sends_mail() -> None:
    senders = {
        str(path.relative_to(ROOT))
        for app in ("accounts", "billing", "creditscore", "predictions", "telemetry")
        for path in (ROOT / app).rglob("*.py")
        if re.search(r"\bsend_mail\b|\bsend_mass_mail\b|EmailM|mail_admins", path.read_text())
    }
    assert senders == {"accounts/mails.py"}
    assert len(MAILS) >= 8


def test_the_links_of_a_reset_are_buttons(alice: User) -> None:
    tasks.mail_reset_links(alice.email, "ru")
    [message] = mail.outbox
    assert isinstance(message, mail.EmailMultiAlternatives)
    [button] = BeautifulSoup(str(message.alternatives[0][0]), "html.parser").find_all("a")
    assert str(button["href"]) in str(message.body)
    assert button.get_text() == "Задать пароль"
