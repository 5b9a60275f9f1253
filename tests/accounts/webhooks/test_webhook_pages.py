from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from standardwebhooks import Webhook

from accounts.models import User
from accounts.webhooks import endpoints
from accounts.webhooks.events import TYPES
from accounts.webhooks.models import WebhookDelivery, WebhookEndpoint
from accounts.webhooks.sender import Sender
from tests.support.html import Page
from tests.support.receivers import Receiver

LIST, NEW = reverse("accounts:webhooks"), reverse("accounts:webhook-new")
URL = "https://1.1.1.1/hooks"


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def own(alice: User, receiver: Receiver, own_network: None) -> WebhookEndpoint:
    return endpoints.create(alice, url=receiver.url, types=TYPES)[0]


def page_of(endpoint: WebhookEndpoint, action: str = "") -> str:
    return reverse(f"accounts:webhook{action}", args=[endpoint.pk])


def text(answer: Any) -> str:
    content: str = answer.content.decode()
    return content


def test_a_secret_is_shown_once(browser: Client) -> None:
    answer = browser.post(NEW, {"url": URL, "balance_low": "on", "prediction_failed": "on"})
    assert answer.status_code == 200
    secret = Page(answer).by_id("secret").text.strip()
    Webhook(secret)
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.url, endpoint.events) == (URL, ["prediction.failed", "balance.low"])
    for address in (LIST, page_of(endpoint), page_of(endpoint, "-edit")):
        assert secret not in text(browser.get(address))
    rotated = browser.post(page_of(endpoint, "-rotate"))
    assert Page(rotated).by_id("secret").text.strip() not in ("", secret)
    assert answer["Cache-Control"]
    assert "no-store" in rotated["Cache-Control"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://example.org/", "Enter an https:// address"),
        ("https://127.0.0.1/", "not on the public internet"),
        ("", "required"),
    ],
)
def test_a_wrong_address_is_named(
    browser: Client, own: WebhookEndpoint, url: str, said: str, settings: Any
) -> None:
    settings.WEBHOOK_ALLOW_PRIVATE = False
    for address in (NEW, page_of(own, "-edit")):
        answer = browser.post(address, {"url": url, "balance_low": "on"})
        assert answer.status_code == 422
        assert said in text(answer)
    assert WebhookEndpoint.objects.get().url == own.url


def test_at_least_one_event(browser: Client) -> None:
    answer = browser.post(NEW, {"url": URL})
    assert answer.status_code == 422
    assert "Choose at least one event." in text(answer)


def test_more_than_there_may_be(browser: Client, alice: User) -> None:
    for _number in range(endpoints.MAX_ENDPOINTS):
        endpoints.create(alice, url=URL, types=["ping"])
    assert NEW not in text(browser.get(LIST))
    answer = browser.post(NEW, {"url": URL, "balance_low": "on"})
    assert answer.status_code == 422
    assert "reached the limit of" in text(answer)


def test_it_is_edited(browser: Client, own: WebhookEndpoint) -> None:
    form = Page(browser.get(page_of(own, "-edit")))
    assert form.value_of("url") == own.url
    assert "checked" in form.by_id("id_batch_quoted").attributes
    answer = browser.post(page_of(own, "-edit"), {"url": URL, "batch_quoted": "on"})
    assert answer["Location"] == page_of(own)
    own.refresh_from_db()
    assert (own.url, own.events) == (URL, ["batch.quoted"])


def test_a_test_and_a_replay(
    browser: Client, own: WebhookEndpoint, receiver: Receiver, sender: Sender
) -> None:
    receiver.statuses = [404]
    answer = browser.post(page_of(own, "-test"))
    sender.send_due()
    page = text(browser.get(answer["Location"]))
    for said in ("404", "It did not answer with a status", "webhook-id", "&quot;ping&quot;", "Next try"):
        assert said in page
    assert "webhook-signature" not in page
    assert "404" in text(browser.get(page_of(own)))
    again = reverse("accounts:webhook-delivery-replay", args=[own.pk, WebhookDelivery.objects.get().pk])
    assert browser.post(again)["Location"] == answer["Location"]
    sender.send_due()
    assert "Delivered" in text(browser.get(answer["Location"]))


def test_off_and_on(browser: Client, own: WebhookEndpoint) -> None:
    browser.post(page_of(own, "-test"))
    delivery = WebhookDelivery.objects.get()
    browser.post(page_of(own, "-switch"), {"active": "0"})
    own.refresh_from_db()
    assert not own.active
    assert "When you switch the webhook on" in text(
        browser.get(reverse("accounts:webhook-delivery", args=[own.pk, delivery.pk]))
    )
    for action in (page_of(own, "-test"), page_of(own, "-replay")):
        answer = browser.post(action, {"since": "2026-01-01"}, follow=True)
        assert "Switch the webhook on first." in text(answer)
    replay = reverse("accounts:webhook-delivery-replay", args=[own.pk, delivery.pk])
    assert "Switch the webhook on first." in text(browser.post(replay, follow=True))
    browser.post(page_of(own, "-switch"), {"active": "1"})
    own.refresh_from_db()
    assert own.active


def test_what_has_failed_since_a_day(browser: Client, own: WebhookEndpoint) -> None:
    endpoints.send_test(own)
    WebhookDelivery.objects.update(status="failed", ended_at=timezone.now())
    answer = browser.post(page_of(own, "-replay"), {"since": "2026-01-01"}, follow=True)
    assert "1 delivery sent again." in text(answer)
    assert browser.post(page_of(own, "-replay"), {"since": "yesterday"}).status_code == 422


def test_it_is_deleted(browser: Client, own: WebhookEndpoint) -> None:
    assert browser.post(page_of(own, "-delete"))["Location"] == LIST
    assert own.url not in text(browser.get(LIST))
    assert browser.get(page_of(own)).status_code == 404


@pytest.mark.parametrize(
    ("reason", "said"), [("gone", "answered 410 Gone"), ("failing", "had failed for days")]
)
def test_the_page_says_why_we_switched_it_off(
    browser: Client, own: WebhookEndpoint, reason: str, said: str
) -> None:
    WebhookEndpoint.objects.update(active=False, off_reason=reason, last_error="status", last_status=410)
    page = text(browser.get(page_of(own)))
    assert said in page
    assert "(410)" in page


def test_the_page_says_that_it_fails(browser: Client, own: WebhookEndpoint) -> None:
    WebhookEndpoint.objects.update(failing_since=timezone.now(), last_error="timeout")
    assert "The last try failed." in text(browser.get(page_of(own)))
    assert "Failing" in text(browser.get(LIST))


def test_typed_text_is_no_markup(browser: Client, alice: User) -> None:
    endpoint, _secret = endpoints.create(alice, url="https://1.1.1.1/?a='\"&b=1", types=["ping"])
    for address in (LIST, page_of(endpoint)):
        assert "a='\"" not in text(browser.get(address))


def test_the_log_has_pages(browser: Client, own: WebhookEndpoint) -> None:
    for _number in range(26):
        endpoints.send_test(own)
    assert 'rel="next"' in text(browser.get(page_of(own)))
    # The address of an action is no page.
    assert 'rel="next"' not in text(browser.post(page_of(own, "-rotate")))


def test_the_balance_to_be_told_of(browser: Client, alice: User) -> None:
    address = reverse("billing:low-balance")
    assert browser.post(address, {"amount": "50.00"}).status_code == 302
    alice.refresh_from_db()
    assert alice.wallet.low_balance == 50_00
    assert Page(browser.get(address)).value_of("amount") == "50.00"
    for wrong in ("-1", "x", "1.005", "1e20"):
        assert browser.post(address, {"amount": wrong}).status_code == 422
    browser.post(address, {"amount": ""})
    alice.wallet.refresh_from_db()
    assert alice.wallet.low_balance is None
