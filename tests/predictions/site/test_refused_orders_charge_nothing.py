from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing.services import wallet_of
from predictions.models import Prediction, ScoringModel
from tests.support.customers import Form
from tests.support.html import Page

NEW = reverse("predictions:new")


def test_a_small_balance_is_told_with_a_way_to_top_up(
    client: Client, alice: User, catalog: None, form: Form
) -> None:
    client.force_login(alice)
    answer = client.post(NEW, form)
    assert answer.status_code == 402
    page = Page(answer)
    summary = page.all("div", role="alert")[0].words.replace("\u00a0", " ")
    assert "0.00 USD" in summary
    assert "10.00 USD" in summary
    back = quote(f"{NEW}?form={form['request_key']}", safe="/")
    assert f"{reverse('billing:top-up')}?next={back}" in page.links
    assert page.value_of("loan_amnt") == "9,000", "what was typed is kept"
    assert wallet_of(alice).balance == 0
    assert not Prediction.objects.exists()


def test_a_model_without_its_artifact_is_unavailable(
    alices: Client, alice: User, form: Form, settings: Settings, tmp_path: Path
) -> None:
    settings.ARTIFACTS_DIR = tmp_path
    answer = alices.post(NEW, form)
    assert (answer.status_code, answer["Retry-After"]) == (503, "30")
    assert Page(answer).by_id("id_model_error").words
    assert wallet_of(alice).balance == 100_00


def test_a_model_that_is_switched_off_is_not_on_sale(alices: Client, alice: User, form: Form) -> None:
    ScoringModel.objects.filter(slug="logistic-regression").update(active=False)
    assert alices.post(NEW, form).status_code == 422
    assert wallet_of(alice).balance == 100_00


def test_too_many_orders_in_a_minute_have_to_wait(
    alices: Client, alice: User, form: Form, settings: Settings
) -> None:
    settings.ORDERS_PER_MINUTE = 1
    assert alices.post(NEW, form).status_code == 302
    other = form | {"request_key": "7b0b0a3e-2b52-4a44-8a60-7a0f6c0a1f10"}
    assert alices.post(NEW, other).status_code == 429
    assert wallet_of(alice).balance == 90_00


@pytest.mark.parametrize("slug", ["logistic-regression", "random-forest", "catboost"])
def test_models_without_artifacts_are_shown_without_a_way_to_buy(
    client: Client, catalog: None, settings: Settings, tmp_path: Path, slug: str
) -> None:
    settings.ARTIFACTS_DIR = tmp_path
    answer = client.get(reverse("predictions:model", args=[slug]))
    assert "Currently unavailable" in answer.content.decode()
    assert f"{NEW}?model={slug}" not in Page(answer).links
    assert client.get(reverse("home")).status_code == 200
