"""Terms, privacy and contact are the operator's texts, and appear once they are written."""

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from accounts.models import SiteText, User
from accounts.site_texts import services
from tests.support.html import Page

HOME = reverse("home")
KINDS = ("terms", "privacy", "contact")


@pytest.fixture(autouse=True)
def _fresh(catalog: None) -> None:
    services.forget()


def test_nothing_is_there_before_it_is_written(client: Client) -> None:
    links = Page(client.get(HOME)).links
    for kind in KINDS:
        assert reverse(kind) not in links
        assert client.get(reverse(kind)).status_code == 404


def test_an_operator_writes_it(client: Client, operator: User) -> None:
    assert reverse("terms") not in Page(client.get(HOME)).links
    client.force_login(operator)
    sent = {"kind": "terms", "language": "en", "text": "First.\n\nSecond <b>: https://example.org/"}
    assert client.post(reverse("admin:accounts_sitetext_add"), sent).status_code == 302
    client.logout()
    page = Page(client.get(HOME))
    assert reverse("terms") in page.links
    assert reverse("privacy") not in page.links
    shown = Page(client.get(reverse("terms")))
    assert "https://example.org/" in shown.links
    assert not shown.all("b")
    assert [each.words for each in shown.all("p")][:1]


def test_it_is_in_the_readers_language_if_there_is_one(client: Client) -> None:
    SiteText.objects.create(kind="contact", language="en", text="Write to us.")
    ask = {"headers": {"Accept-Language": "ru"}}
    assert "Write to us." in client.get(reverse("contact"), **ask).content.decode()  # type: ignore[arg-type]
    SiteText.objects.create(kind="contact", language="ru", text="Напишите нам.")
    assert "Напишите нам." in client.get(reverse("contact"), **ask).content.decode()  # type: ignore[arg-type]
    assert "Write to us." in client.get(reverse("contact")).content.decode()


def test_pages_do_not_read_it_each_time(client: Client) -> None:
    client.get(HOME)
    SiteText.objects.create(kind="terms", language="en", text="x")
    assert reverse("terms") not in Page(client.get(HOME)).links
    services.forget()
    assert reverse("terms") in Page(client.get(HOME)).links


@pytest.mark.django_db
def test_a_database_that_is_away_is_not_asked_by_every_page() -> None:
    services.forget()
    asked = []

    def away(*_statement: object) -> None:
        asked.append(1)
        raise OperationalError

    with connection.execute_wrapper(away):
        assert services.kinds_written() == frozenset()
        assert services.kinds_written() == frozenset()
    assert len(asked) == 1
    services.forget()
