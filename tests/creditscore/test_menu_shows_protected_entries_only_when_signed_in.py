import pytest
from django.test import Client
from django.urls import reverse

from tests.support.html import Page

PROTECTED = (
    "predictions:dashboard",
    "predictions:new",
    "predictions:history",
    "predictions:transactions",
    "billing:top-up",
    "accounts:tokens",
    "accounts:password",
)
PUBLIC = ("home", "predictions:models", "accounts:login", "accounts:register")


@pytest.mark.parametrize("name", PUBLIC)
def test_strangers_are_offered_no_protected_page(client: Client, catalog: None, name: str) -> None:
    page = Page(client.get(reverse(name)))
    assert page.links.isdisjoint(reverse(protected) for protected in PROTECTED)
    assert {reverse("accounts:login"), reverse("accounts:register")} <= page.links
    assert not page.all("form", action=reverse("accounts:logout"))


def test_customers_find_all_of_them_and_the_way_out(alices: Client) -> None:
    page = Page(alices.get(reverse("home")))
    assert {reverse(name) for name in PROTECTED} <= page.links
    assert reverse("accounts:register") not in page.links
    assert page.all("form", action=reverse("accounts:logout"), method="post")


@pytest.mark.parametrize("name", PROTECTED)
def test_protected_pages_send_strangers_to_the_log_in_and_back(client: Client, db: None, name: str) -> None:
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer["Location"] == f"{reverse('accounts:login')}?next={reverse(name)}"


@pytest.mark.parametrize("name", PROTECTED)
def test_the_balance_is_in_view_on_every_page(alices: Client, name: str) -> None:
    answer = alices.get(reverse(name), follow=True)
    assert answer.status_code == 200
    assert "100.00 USD" in Page(answer).by_id("balance").words.replace("\u00a0", " ")


def test_operators_find_the_administration(client: Client, operator: object, catalog: None) -> None:
    client.force_login(operator)  # type: ignore[arg-type]
    assert reverse("admin:index") in Page(client.get(reverse("home"))).links


def test_customers_do_not(alices: Client) -> None:
    assert reverse("admin:index") not in Page(alices.get(reverse("home"))).links
