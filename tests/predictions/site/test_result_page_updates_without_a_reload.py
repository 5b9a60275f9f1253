import uuid

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.services import wallet_of
from predictions.jobs import worker
from predictions.models import Prediction
from tests.support.html import Page
from tests.support.orders import UNLOADABLE, Bought


def address(prediction: Prediction) -> str:
    return reverse("predictions:detail", args=[prediction.pk])


def test_a_waiting_page_asks_by_htmx_or_by_itself(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    page = Page(alices.get(address(prediction)))
    result = page.by_id("result").attributes
    assert result["hx-get"] == f"{address(prediction)}?seen=queued"
    assert result["hx-trigger"] == "every 400ms"
    assert page.all("meta", http_equiv="refresh"), "without JavaScript the page loads itself again"
    assert page.all("div", aria_live="polite")
    assert page.all("form", action=reverse("predictions:cancel", args=[prediction.pk]))


def test_a_poll_without_news_changes_nothing(alices: Client, bought: Bought) -> None:
    answer = alices.get(address(bought(run=False)), {"seen": "queued"}, headers={"HX-Request": "true"})
    assert answer.status_code == 204


def test_a_poll_with_news_brings_the_result_and_the_balance(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    worker.score_queued()
    answer = alices.get(address(prediction), {"seen": "queued"}, headers={"HX-Request": "true"})
    page = Page(answer)
    assert not page.all("html")
    assert "hx-get" not in page.by_id("result").attributes, "the polling ends"
    assert page.by_id("balance").attributes["hx-swap-oob"] == "true"
    assert "HX-Request" in answer["Vary"]


@pytest.mark.parametrize("model", ["logistic-regression", "random-forest", "catboost"])
def test_a_finished_page_shows_both_probabilities_and_its_record(
    alices: Client, bought: Bought, model: str
) -> None:
    prediction = bought(model=model)
    text = alices.get(address(prediction)).content.decode()
    assert prediction.approval_probability is not None
    assert f">{prediction.approval_probability:.1%}<" in text
    assert f">{1 - prediction.approval_probability:.1%}<" in text
    assert str(prediction.charge.public_id) in text
    assert prediction.artifact_sha256 in text
    assert 'http-equiv="refresh"' not in text


def test_values_unlike_the_training_data_are_warned_about(alices: Client, bought: Bought) -> None:
    usual, unusual = bought(), bought(person_age=95)
    assert "Values outside the training data" not in alices.get(address(usual)).content.decode()
    assert "Values outside the training data" in alices.get(address(unusual)).content.decode()


def test_a_canceled_order_says_that_the_money_is_back(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    answer = alices.post(reverse("predictions:cancel", args=[prediction.pk]), follow=True)
    text = answer.content.decode()
    assert "You canceled this order" in text
    assert "10.00\u00a0USD refunded to your balance" in text


def test_only_a_post_cancels_it(alices: Client, bought: Bought) -> None:
    """A GET is what comes after a log-in."""
    prediction = bought(run=False)
    answer = alices.get(reverse("predictions:cancel", args=[prediction.pk]))
    assert (answer.status_code, answer["Location"]) == (302, address(prediction))
    prediction.refresh_from_db()
    assert prediction.status == "queued"


def test_a_second_click_on_cancel_is_told_the_same(alices: Client, alice: User, bought: Bought) -> None:
    cancel = reverse("predictions:cancel", args=[bought(run=False).pk])
    for _twice in range(2):
        text = alices.post(cancel, follow=True).content.decode()
        assert "Order canceled. 10.00\u00a0USD refunded to your balance." in text
        assert "Too late to cancel" not in text
    assert wallet_of(alice).balance == 200_00


def test_a_finished_order_can_no_longer_be_canceled(alices: Client, bought: Bought) -> None:
    prediction = bought()
    answer = alices.post(reverse("predictions:cancel", args=[prediction.pk]), follow=True)
    assert "Too late to cancel" in answer.content.decode()
    prediction.refresh_from_db()
    assert prediction.status == "succeeded"


def test_a_failed_one_gives_the_reason_and_the_money_back(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    Prediction.objects.filter(pk=prediction.pk).update(**UNLOADABLE)
    worker.score_queued()
    text = alices.get(address(prediction)).content.decode()
    assert "The model was unavailable." in text
    assert "10.00\u00a0USD refunded to your balance" in text


def test_nobody_sees_or_cancels_somebody_elses(client: Client, bob: User, bought: Bought) -> None:
    prediction = bought(run=False)
    client.force_login(bob)
    for pk in (prediction.pk, uuid.uuid4()):
        assert client.get(reverse("predictions:detail", args=[pk])).status_code == 404
        assert client.post(reverse("predictions:cancel", args=[pk])).status_code == 404
