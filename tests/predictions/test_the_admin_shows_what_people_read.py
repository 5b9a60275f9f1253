"""The admin has amounts, percents and words, and a customer leads to what is theirs."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.money import format_signed_money
from predictions.formats.numbers import percent
from tests.support.html import Page
from tests.support.orders import ResultFor

RUSSIAN = {"Accept-Language": "ru"}


@pytest.fixture
def admin(operator: User, client: Client) -> Client:
    client.force_login(operator)
    return client


def test_a_prediction_is_in_words(admin: Client, result: ResultFor) -> None:
    prediction = result(person_income=54_321)
    address = reverse("admin:predictions_prediction_change", args=[prediction.pk])
    shown = admin.get(address).content.decode()
    assert prediction.approval_probability is not None
    assert percent(prediction.approval_probability) in shown
    assert str(prediction.approval_probability) not in shown
    assert format_signed_money(-prediction.price) in shown
    assert "minor units" not in shown
    assert "person_income" not in shown
    assert "54,321" in shown
    assert reverse("admin:accounts_user_change", args=[prediction.user_id]) in Page(admin.get(address)).links


@pytest.mark.parametrize("name", ["predictions_prediction", "predictions_batch", "billing_wallet"])
def test_columns_are_in_russian(admin: Client, result: ResultFor, name: str) -> None:
    result()
    page = Page(admin.get(reverse(f"admin:{name}_changelist"), headers=RUSSIAN))
    heads = [each.words for each in page.all("th") if each.attributes.get("class", "").find("column") >= 0]
    assert not [head for head in heads if head.isascii() and head]


def test_a_customer_leads_to_wallet_orders_and_files(admin: Client, alice: User) -> None:
    links = Page(admin.get(reverse("admin:accounts_user_change", args=[alice.pk]))).links
    for name in ("billing_wallet", "billing_entry", "predictions_prediction", "predictions_batch"):
        assert reverse(f"admin:{name}_changelist") + "?q=alice" in links


def test_the_admin_names_its_time_zone(admin: Client) -> None:
    assert "Times: UTC." in admin.get(reverse("admin:index")).content.decode()


def test_when_somebody_joined_and_logged_in_is_not_edited(admin: Client, alice: User) -> None:
    page = Page(admin.get(reverse("admin:accounts_user_change", args=[alice.pk])))
    assert page.all("input", name="username")
    assert not page.all("input", name="date_joined_0") + page.all("input", name="last_login_0")


def test_a_checkbox_of_the_list_of_models_has_a_name(admin: Client, catalog: None) -> None:
    page = Page(admin.get(reverse("admin:predictions_scoringmodel_changelist")))
    boxes = page.all("input", type="checkbox", name="form-0-active")
    assert [box.attributes["aria-label"] for box in boxes] == ["for sale"]
