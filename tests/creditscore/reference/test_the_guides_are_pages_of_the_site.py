"""The guides in docs/api can be read on the site."""

import pytest
from django.test import Client
from django.urls import reverse

from creditscore.reference.guides import FOLDER, NAMES, PAGES
from tests.support.html import Page

pytestmark = pytest.mark.django_db


def test_every_document_has_a_page() -> None:
    assert {path.stem for path in FOLDER.glob("*.md")} == {*NAMES, *PAGES}


@pytest.mark.parametrize("name", NAMES)
def test_a_guide_is_linked_and_its_links_lead_to_pages(client: Client, name: str) -> None:
    address = reverse("reference:guide", args=[name])
    assert address in Page(client.get(reverse("docs"))).links
    page = Page(client.get(address))
    for link in page.links:
        if link.startswith("/docs/"):
            assert client.get(link).status_code == 200
        assert not link.partition("#")[0].endswith(".md")


def test_signatures_tries_and_events_are_told(client: Client) -> None:
    answer = client.get(reverse("reference:guide", args=["webhooks"]))
    words = Page(answer).elements[0].words
    for told in ("webhook-signature", "WebhookVerificationError", "up to nine more", "prediction.succeeded"):
        assert told in words
    assert '<pre class="code" tabindex="0">' in answer.content.decode()
    assert "**" not in words


def test_the_calls_of_webhooks_lead_to_their_guide(client: Client) -> None:
    for name in ("webhooks", "batches", "api-keys"):
        page = Page(client.get(reverse("reference:group", args=[name])))
        assert [link for link in page.links if link.startswith("/docs/guides/")]


def test_a_reader_of_russian_is_told_the_language(client: Client) -> None:
    words = Page(client.get("/docs/guides/files/", headers={"Accept-Language": "ru"})).elements[0].words
    assert "Руководство на английском языке." in words


@pytest.mark.parametrize("name", ["nothing", "errors", "..%2Farchitecture"])
def test_other_documents_are_not_found(client: Client, name: str) -> None:
    assert client.get(f"/docs/guides/{name}/").status_code == 404
