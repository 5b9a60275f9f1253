"""Keys and webhooks outlive a password. The pages that end sessions list them, and end all of them."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.keys import services as keys
from accounts.models import ApiKey, User
from accounts.webhooks import endpoints
from accounts.webhooks.models import WebhookEndpoint
from accounts.webhooks.turns import find_due
from tests.support.people import PASSWORD

URL = "https://1.1.1.1/of-alice"
PAGES = [reverse("accounts:password"), reverse("accounts:tokens")]


@pytest.fixture
def programs(alice: User, bob: User) -> tuple[ApiKey, WebhookEndpoint]:
    endpoints.create(bob, url="https://1.1.1.1/of-bob", types=["ping"])
    keys.create(bob, name="key of bob", scopes=["read"])
    return (
        keys.create(alice, name="key of alice", scopes=["read"]).key,
        endpoints.create(alice, url=URL, types=["ping"])[0],
    )


@pytest.mark.parametrize("page", PAGES)
def test_the_pages_list_what_is_on(
    client: Client, alice: User, programs: tuple[ApiKey, WebhookEndpoint], page: str
) -> None:
    client.force_login(alice)
    text = client.get(page).content.decode()
    assert URL in text
    assert "key of alice" in text
    assert programs[0].prefix in text
    assert "of-bob" not in text
    assert "key of bob" not in text
    endpoints.change(programs[1], active=False)
    keys.revoke(ApiKey.objects.filter(user=alice))
    text = client.get(page).content.decode()
    assert URL not in text
    assert "key of alice" not in text
    assert "programs/end" not in text


def test_they_outlive_a_new_password_and_are_shown_then(
    client: Client, alice: User, programs: tuple[ApiKey, WebhookEndpoint]
) -> None:
    client.force_login(alice)
    new = {"old_password": PASSWORD, "new_password": "another-Long-passphrase-7"}
    page = client.post(PAGES[0], new, follow=True).content.decode()
    assert "Password changed" in page
    assert URL in page
    assert "key of alice" in page
    assert keys.live_keys(alice).exists()
    assert endpoints.of(alice).get().active


def test_one_button_ends_them(
    client: Client, alice: User, bob: User, programs: tuple[ApiKey, WebhookEndpoint]
) -> None:
    client.force_login(alice)
    page = client.post(reverse("accounts:programs-end"), follow=True).content.decode()
    assert "All API keys are revoked" in page
    assert URL not in page
    assert not keys.live_keys(alice).exists()
    endpoint = endpoints.of(alice).get()
    assert (endpoint.active, endpoint.off_reason) == (False, "owner")
    assert keys.live_keys(bob).exists()
    assert endpoints.of(bob).get().active


def test_a_reset_says_that_they_keep_working(client: Client) -> None:
    page = client.get(reverse("accounts:reset-done")).content.decode()
    assert "API keys and webhooks keep working" in page
    assert f"?next={PAGES[0]}" in page


@pytest.mark.usefixtures("own_network")
def test_an_operator_who_ends_the_access_ends_them_for_good(
    alice: User, programs: tuple[ApiKey, WebhookEndpoint]
) -> None:
    endpoints.send_test(programs[1])
    services.end_access(alice)
    assert not keys.live_keys(alice).exists()
    endpoint = endpoints.of(alice).get()
    assert (endpoint.active, endpoint.off_reason) == (False, "access")
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert find_due(endpoint.created_at.replace(year=2100)) == []
