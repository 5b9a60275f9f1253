from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.models import Entry, Wallet
from predictions.models import Prediction
from tests.support.html import Page
from tests.support.orders import OrderFor
from tests.support.people import give_money

LISTS: dict[str, type[Model]] = {
    "accounts_user": User,
    "billing_wallet": Wallet,
    "billing_entry": Entry,
    "predictions_prediction": Prediction,
}


@pytest.fixture
def operators(client: Client, operator: User, order: OrderFor, monkeypatch: pytest.MonkeyPatch) -> Client:
    """The operator's browser. Each list has at least five rows, some of one time, and pages of two."""
    now = timezone.now()
    for number in range(4):
        user = User.objects.create(username=f"user-{number}", date_joined=now - timedelta(number // 2))
        give_money(user, 50_00)
    give_money(operator, 50_00)
    for _number in range(5):
        order(operator)
    Prediction.objects.update(created_at=now)
    for model in LISTS.values():
        monkeypatch.setattr(admin.site.get_model_admin(model), "list_per_page", 2)
    client.force_login(operator)
    return client


def page_at(browser: Client, address: str) -> tuple[list[Any], dict[str, str]]:
    """The rows, and the addresses of the other pages by their relation."""
    response = browser.get(address)
    assert response.status_code == 200
    links = [link.attributes for link in Page(response).all("a") if "rel" in link.attributes]
    path = address.partition("?")[0]
    return response.context["cl"].result_list, {link["rel"]: path + link["href"] for link in links}


@pytest.mark.parametrize("name", LISTS)
def test_every_row_is_on_one_page_and_pages_lead_back(operators: Client, name: str) -> None:
    pages = []
    rows, links = page_at(operators, reverse(f"admin:{name}_changelist"))
    assert set(links) == {"next"}
    while True:
        pages.append(rows)
        if "next" not in links:
            break
        rows, links = page_at(operators, links["next"])
    found = [row for page in pages for row in page]
    assert len(found) == len(set(found)) == LISTS[name]._default_manager.count() >= 5
    times = [getattr(row, "date_joined", None) or row.created_at for row in found]
    assert times == sorted(times, reverse=True)
    for page in reversed(pages[:-1]):
        rows, links = page_at(operators, links["prev"])
        assert rows == page
    assert set(links) == {"next"}


def test_other_pages_keep_the_search_and_the_filter(operators: Client) -> None:
    give_money(User.objects.get(username="user-1"), 1)
    address = reverse("admin:billing_entry_changelist") + "?q=operator&kind__exact=charge"
    rows, links = page_at(operators, address)
    more, _links = page_at(operators, links["next"])
    assert [entry.kind for entry in rows + more] == ["charge"] * 4
    assert {str(entry.wallet) for entry in rows + more} == {"operator"}


def test_a_page_that_does_not_exist_leads_to_the_first(operators: Client) -> None:
    address = reverse("admin:billing_wallet_changelist")
    for cursor in ("2", "nx~y", "n17~17777777777777777777777777x"):
        response = operators.get(address, {"p": cursor})
        assert (response.status_code, response["Location"]) == (302, f"{address}?e=1")
    assert operators.get(f"{address}?e=1").status_code == 200


def test_a_list_names_no_number_of_rows(operators: Client) -> None:
    text = operators.get(reverse("admin:billing_entry_changelist"), {"q": "operator"}).content.decode()
    assert (
        "result" not in Page(operators.get(reverse("admin:billing_entry_changelist"))).by_id("toolbar").words
    )
    assert "Select all" not in text


def test_an_action_changes_the_chosen_rows_of_a_page(operators: Client, operator: User) -> None:
    address = reverse("admin:predictions_prediction_changelist")
    _rows, links = page_at(operators, address)
    [chosen, _other], _links = page_at(operators, links["next"])
    assert Page(operators.get(links["next"])).all("select", name="action")
    data = {"action": "refund", "confirmed": "1", "reason": "x", "_selected_action": [str(chosen.pk)]}
    assert operators.post(links["next"], data).status_code == 302
    assert [entry.reverses for entry in Entry.objects.filter(kind="refund")] == [chosen.charge]
