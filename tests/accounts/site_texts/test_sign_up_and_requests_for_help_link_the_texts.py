"""Sign-up links what a customer has to know, and a page that names the operator links the contact."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import SiteText, User
from accounts.site_texts import services
from tests.support.html import Page


def write(*kinds: str) -> None:
    for kind in kinds:
        SiteText.objects.create(kind=kind, language="en", text="x")
    services.forget()


def links_of_main(client: Client, address: str, status: int = 200) -> list[str]:
    answer = client.get(address)
    assert answer.status_code == status
    main = answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0].encode()
    return [each.attributes.get("href", "") for each in Page(Part(main)).all("a")]


class Part:
    def __init__(self, content: bytes) -> None:
        self.content = content


def test_sign_up_links_terms_and_privacy(client: Client, catalog: None) -> None:
    assert reverse("terms") not in links_of_main(client, reverse("accounts:register"))
    write("terms", "privacy", "contact")
    links = links_of_main(client, reverse("accounts:register"))
    assert {reverse("terms"), reverse("privacy")} <= set(links)
    assert reverse("contact") not in links


@pytest.mark.parametrize("written", [True, False])
def test_who_has_no_access_finds_the_contact(alice: User, client: Client, written: bool) -> None:
    if written:
        write("contact")
    client.force_login(alice)
    assert (reverse("contact") in links_of_main(client, "/admin/login/", 403)) is written
