"""A customer sees where the account is logged in, and ends that."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tokens
from accounts.models import AccountSession, User
from accounts.sessions import services
from accounts.sessions.agents import in_words, shortened
from tests.support.html import Page
from tests.support.people import PASSWORD

PAGE, OTHERS = reverse("accounts:sessions"), reverse("accounts:sessions-end")
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.5 Mobile/15E148 Safari/604.1"
)


def browser(agent: str = FIREFOX, name: str = "alice") -> Client:
    client = Client(headers={"User-Agent": agent}, REMOTE_ADDR="203.0.113.77")
    sent = {"username": name, "password": PASSWORD}
    assert client.post(reverse("accounts:login"), sent).status_code == 302
    return client


def ends(client: Client) -> list[str]:
    forms = Page(client.get(PAGE)).all("form")
    return [form.attributes["action"] for form in forms if form.attributes["action"].endswith("/end/")]


def is_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def test_they_are_listed_in_words(alice: User) -> None:
    browser(PHONE)
    text = browser().get(PAGE).content.decode()
    assert text.index("Firefox on Windows") < text.index("Safari on iOS")
    assert "203.0.113.0/24" in text
    assert "</time>," in text, "no space before the comma"
    assert "203.0.113.77" not in text
    assert re.search(r"</time>,\s+network", text)
    keys = AccountSession.objects.values_list("session_key", flat=True)
    assert not any(key in text for key in keys)


def test_one_is_ended(alice: User) -> None:
    here, there = browser(), browser(PHONE)
    address = ends(here)[1]
    assert here.post(address).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert here.post(address).status_code == 404


def test_the_present_one_is_logged_out(alice: User) -> None:
    here = browser()
    assert here.post(ends(here)[0])["Location"] == reverse("home")
    assert not is_in(here)


def test_all_others_are_ended_with_the_tokens(alice: User) -> None:
    here, there = browser(), browser(PHONE)
    access = tokens.issue(alice).access
    assert here.post(OTHERS).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    with pytest.raises(tokens.InvalidToken):
        tokens.authenticate(access.encode())
    assert len(ends(here)) == 1


def test_a_family_of_tokens_is_ended(alice: User) -> None:
    here = browser()
    access = tokens.issue(alice).access
    assert here.post(ends(here)[1]).status_code == 302
    with pytest.raises(tokens.InvalidToken):
        tokens.authenticate(access.encode())


def test_those_of_others_are_not_there(alice: User, bob: User) -> None:
    here, other = browser(), browser(name="bob")
    family = tokens.issue(alice)
    addresses = [*ends(here), reverse("accounts:session-end", args=[uuid4()])]
    assert [other.post(address).status_code for address in addresses] == [404] * len(addresses)
    assert is_in(here)
    assert tokens.authenticate(family.access.encode()) == alice


def test_what_ended_with_the_password_is_not_listed(alice: User) -> None:
    browser(PHONE)
    alice.set_password("another long sentence")
    alice.save()
    client = Client()
    client.force_login(alice)
    assert len(ends(client)) == 1


def test_a_session_in_use_is_noted_once_in_five_minutes_and_not_prolonged(alice: User) -> None:
    here = browser()
    before = AccountSession.objects.get(user=alice)
    AccountSession.objects.update(seen_at=before.seen_at - timedelta(minutes=6))
    here.get(PAGE)
    row = AccountSession.objects.get(user=alice)
    assert timezone.now() - row.seen_at < timedelta(minutes=1)
    assert row.expire_date == before.expire_date
    AccountSession.objects.update(seen_at=row.seen_at - timedelta(minutes=4))
    here.get(PAGE)
    assert AccountSession.objects.get(user=alice).seen_at == row.seen_at - timedelta(minutes=4)


def test_a_changed_session_keeps_what_it_is_known_by(alice: User) -> None:
    here = browser()
    before = services.devices(alice, None)[0]
    here.post(reverse("accounts:email-link"))
    after = services.devices(alice, None)[0]
    assert (before.name, before.network, before.started_at) == (after.name, after.network, after.started_at)


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Linux; Android 10; K) Chrome/139.0.0.0 Mobile Safari/537.36", "Chrome on Android"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Chrome/139.0 Safari/537.36 Edg/139.0",
            "Edge on macOS",
        ),
        (
            "Mozilla/5.0 (Windows NT 10.0) Chrome/138.0 YaBrowser/25.8 Safari/537.36",
            "Yandex Browser on Windows",
        ),
        ("curl/8.5.0", "Unknown browser"),
        ("", "Unknown browser"),
    ],
)
def test_browsers_have_names(agent: str, words: str) -> None:
    assert in_words(agent) == words


def test_networks_are_shortened() -> None:
    assert shortened("2001:db8:1:2::/64") == "2001:db8:1::/48"
    assert shortened("nonsense") == ""
