from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing.services import wallet_of
from predictions.jobs import worker
from predictions.models import Comparison, Prediction, ScoringModel
from predictions.results import explanations
from predictions.scoring.schema import EXAMPLE
from tests.support.customers import Form
from tests.support.html import HTMX, Page
from tests.support.orders import UNLOADABLE, Bought
from tests.support.page_checks import assert_obeys, assert_usable
from tests.support.people import give_money
from tests.support.reviews import send

NEW = reverse("predictions:comparison-new")
# 10.00, 50.00 and 100.00, each a fifth less.
PRICE = 128_00


@pytest.fixture
def buyer(alices: Client, alice: User) -> Client:
    """Alice's browser with 200.00 on the balance."""
    give_money(alice, 100_00)
    return alices


@pytest.fixture
def order(form: Form) -> Form:
    return form | {"price": PRICE}


def ordered(client: Client, order: Form) -> Comparison:
    answer = send(client, NEW, order)
    assert answer.status_code == 302
    comparison = Comparison.objects.get()
    assert answer["Location"] == reverse("predictions:comparison", args=[comparison.pk])
    return comparison


def page_of(comparison: Comparison) -> str:
    return reverse("predictions:comparison", args=[comparison.pk])


def test_the_form_states_price_discount_and_balance(buyer: Client) -> None:
    answer = buyer.get(NEW, {"example": "1"}, follow=True)
    page = Page(answer)
    payment = page.all("aside", class_="panel payment")[0].words.replace("\u00a0", " ")
    for line in ("Logistic Regression8.00", "Random Forest40.00", "CatBoost80.00", "Price128.00"):
        assert f"{line} USD" in payment
    assert "\u221220%" in payment
    assert page.all("s")[0].words.replace("\u00a0", " ") == "160.00 USD"
    assert "Balance after72.00 USD" in payment
    assert page.value_of("price") == str(PRICE)
    assert page.value_of("loan_amnt") == f"{EXAMPLE['loan_amnt']:,}"
    assert_usable(answer)
    assert_obeys(answer)


def test_the_order_form_leads_to_it(buyer: Client) -> None:
    assert NEW in Page(buyer.get(reverse("predictions:new"), follow=True)).links


def test_an_earlier_order_fills_it(buyer: Client, bought: Bought) -> None:
    page = Page(buyer.get(NEW, {"from": str(bought(run=False, loan_amnt=7_700).pk)}, follow=True))
    assert page.value_of("loan_amnt") == "7,700"


def test_it_is_charged_once_however_often_it_is_sent(buyer: Client, alice: User, order: Form) -> None:
    comparison = ordered(buyer, order)
    assert ordered(buyer, order) == comparison
    assert wallet_of(alice).balance == 200_00 - PRICE
    assert Prediction.objects.count() == 3


def test_a_small_balance_is_told(alices: Client, alice: User, order: Form, settings: Settings) -> None:
    settings.CONFIRM_FROM = 1_000_00
    answer = alices.post(NEW, order)
    assert answer.status_code == 402
    page = Page(answer)
    assert "128.00" in page.all("div", role="alert")[0].words
    back = quote(f"{NEW}?form={order['request_key']}", safe="/")
    assert f"{reverse('billing:top-up')}?next={back}" in page.links
    assert page.value_of("loan_amnt") == "9,000", "what was typed is kept"
    assert wallet_of(alice).balance == 100_00
    assert_usable(answer)


def test_wrong_values_are_told_beside_their_fields(buyer: Client, order: Form) -> None:
    answer = buyer.post(NEW, order | {"person_age": "7"})
    assert answer.status_code == 422
    assert Page(answer).by_id("id_person_age_error").words
    assert_usable(answer)


def test_a_used_key_with_other_values_gets_a_new_one(buyer: Client, order: Form) -> None:
    ordered(buyer, order)
    answer = buyer.post(NEW, order | {"loan_amnt": "5000"})
    assert answer.status_code == 422
    assert Page(answer).value_of("request_key") != order["request_key"]
    assert Comparison.objects.count() == 1


def test_a_price_that_has_changed_is_shown_before_it_is_paid(buyer: Client, alice: User, order: Form) -> None:
    ScoringModel.objects.filter(slug="catboost").update(price=200_00)
    answer = buyer.post(NEW, order)
    assert answer.status_code == 409
    page = Page(answer)
    assert "208.00" in page.all("div", role="alert")[0].words
    assert page.value_of("price") == "20800"
    assert wallet_of(alice).balance == 200_00


def test_too_many_orders_have_to_wait(buyer: Client, order: Form, settings: Settings) -> None:
    settings.ORDERS_PER_MINUTE = 1
    ordered(buyer, order)
    other = order | {"request_key": "7b0b0a3e-2b52-4a44-8a60-7a0f6c0a1f10"}
    assert buyer.post(NEW, other).status_code == 429


def test_without_models_nothing_can_be_bought(
    buyer: Client, alice: User, order: Form, settings: Settings, tmp_path: Path
) -> None:
    settings.ARTIFACTS_DIR = tmp_path
    page = Page(buyer.get(NEW, follow=True))
    assert not [button for button in page.all("button") if "Pay" in button.words]
    assert buyer.post(NEW, order).status_code == 503
    assert wallet_of(alice).balance == 200_00


def test_its_page_is_live_while_the_models_work(buyer: Client, order: Form) -> None:
    comparison = ordered(buyer, order)
    page = Page(buyer.get(page_of(comparison)))
    polled = page.by_id("comparison").attributes["hx-get"]
    assert page.all("meta", http_equiv="refresh"), "without JavaScript the page loads itself again"
    assert buyer.get(polled, headers=HTMX).status_code == 204
    for part in comparison.predictions.all():
        own = Page(buyer.get(reverse("predictions:detail", args=[part.pk])))
        assert not own.all("form", action=reverse("predictions:cancel", args=[part.pk]))
    worker.score_queued()
    news = Page(buyer.get(polled, headers=HTMX))
    assert len(news.all("circle", class_="sun")) == 3
    assert news.by_id("balance").attributes["hx-swap-oob"] == "true"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_it_says_how_far_they_agree_and_aligns_the_contributions(
    buyer: Client, order: Form, language: str
) -> None:
    comparison = ordered(buyer, order)
    worker.score_queued()
    assert "hx-get" in Page(buyer.get(page_of(comparison))).by_id("comparison").attributes
    for part in comparison.predictions.all():
        explanations.explain_and_store([part])
    answer = buyer.get(page_of(comparison), headers={"Accept-Language": language})
    page = Page(answer)
    assert "hx-get" not in page.by_id("comparison").attributes, "the polling ends"
    found = [part.approval_probability or 0 for part in comparison.predictions.all()]
    spread = f"{(max(found) - min(found)) * 100:.1f}".replace(".", "," if language == "ru" else ".")
    assert spread in page.by_id("agreement").words
    table = page.all("table", class_="table aligned")[0]
    rows = [element for element in page.all("tr") if element.words in table.words]
    assert len(rows) >= 10
    for part in comparison.predictions.all():
        assert reverse("predictions:detail", args=[part.pk]) in page.links
    assert_usable(answer)
    assert_obeys(answer)


def test_a_part_that_failed_shows_its_refund(buyer: Client, alice: User, order: Form) -> None:
    comparison = ordered(buyer, order)
    comparison.predictions.filter(model__slug="catboost").update(**UNLOADABLE)
    worker.score_queued()
    answer = buyer.get(page_of(comparison))
    text = answer.content.decode()
    assert "80.00\u00a0USD refunded to your balance" in text
    assert wallet_of(alice).balance == 200_00 - PRICE + 80_00
    assert len(Page(answer).all("circle", class_="sun")) == 2
    assert_usable(answer)


def test_nobody_sees_somebody_elses(client: Client, buyer: Client, bob: User, order: Form) -> None:
    comparison = ordered(buyer, order)
    client.force_login(bob)
    assert client.get(page_of(comparison)).status_code == 404


def cancel_of(comparison: Comparison) -> str:
    return reverse("predictions:comparison-cancel", args=[comparison.pk])


def test_it_can_be_canceled_while_it_waits(buyer: Client, alice: User, order: Form) -> None:
    comparison = ordered(buyer, order)
    shown = buyer.get(page_of(comparison))
    page = Page(shown)
    assert page.all("form", method="post", action=cancel_of(comparison))
    assert "Your order is in the queue." in page.by_id("agreement").words
    assert_usable(shown)
    answer = buyer.post(cancel_of(comparison), follow=True)
    assert answer.redirect_chain == [(page_of(comparison), 302)]
    page = Page(answer)
    assert "128.00 USD refunded to your balance" in answer.content.decode().replace("\u00a0", " ")
    assert wallet_of(alice).balance == 200_00
    assert not page.all("form", action=cancel_of(comparison))
    assert "hx-get" not in page.by_id("comparison").attributes
    assert not page.all("section", aria_labelledby="aligned-title"), "no results, nothing to explain"
    assert_usable(answer)


def test_only_a_post_cancels_it(buyer: Client, order: Form) -> None:
    comparison = ordered(buyer, order)
    assert buyer.get(cancel_of(comparison))["Location"] == page_of(comparison)
    assert set(comparison.predictions.values_list("status", flat=True)) == {"queued"}
    draft = Page(buyer.get(page_of(comparison))).all("input", name="draft_form")[-1].attributes["value"]
    buyer.logout()
    assert buyer.post(cancel_of(comparison), {"draft_form": draft}).status_code == 403
    assert set(comparison.predictions.values_list("status", flat=True)) == {"queued"}


def test_what_has_begun_goes_on_and_the_page_says_so(buyer: Client, alice: User, order: Form) -> None:
    comparison = ordered(buyer, order)
    comparison.predictions.filter(model__slug="catboost").update(status="running")
    page = Page(buyer.get(page_of(comparison)))
    assert "Calculating" in page.by_id("agreement").words
    assert "will be completed" in page.all("form", action=cancel_of(comparison))[0].words
    for _twice in range(2):
        answer = buyer.post(cancel_of(comparison), follow=True)
        text = answer.content.decode().replace("\u00a0", " ")
        assert "Order canceled. 48.00 USD refunded to your balance." in text
    assert wallet_of(alice).balance == 200_00 - 80_00


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "Too late to cancel: the calculation has already started or finished."),
        ("ru", "Отменить уже нельзя: расчёт начался"),
    ],
)
def test_a_cancel_that_comes_too_late_is_told(
    buyer: Client, alice: User, order: Form, language: str, words: str
) -> None:
    comparison = ordered(buyer, order)
    worker.score_queued()
    assert not Page(buyer.get(page_of(comparison))).all("form", action=cancel_of(comparison))
    answer = buyer.post(cancel_of(comparison), follow=True, headers={"Accept-Language": language})
    assert words in answer.content.decode()
    assert wallet_of(alice).balance == 200_00 - PRICE


def test_nobody_cancels_somebody_elses(client: Client, buyer: Client, bob: User, order: Form) -> None:
    comparison = ordered(buyer, order)
    client.force_login(bob)
    assert client.post(cancel_of(comparison)).status_code == 404
    assert set(comparison.predictions.values_list("status", flat=True)) == {"queued"}


def test_it_says_first_what_all_say_and_which_to_rely_on(buyer: Client, order: Form) -> None:
    comparison = ordered(buyer, order)
    worker.score_queued()
    parts = comparison.predictions.all()
    parts.update(approval_probability=0.95)
    told = Page(buyer.get(page_of(comparison))).by_id("agreement").words
    assert "The models agree closely. Approval is very likely with all models." in told
    assert "CatBoost is the most accurate" in told
    parts.filter(model__slug="catboost").update(approval_probability=0.05)
    told = Page(buyer.get(page_of(comparison))).by_id("agreement").words
    assert "The models disagree." in told
    assert "with all models" not in told


def test_without_model_cards_no_model_is_preferred(
    buyer: Client, order: Form, settings: Settings, tmp_path: Path
) -> None:
    comparison = ordered(buyer, order)
    worker.score_queued()
    settings.ARTIFACTS_DIR = tmp_path
    answer = buyer.get(page_of(comparison))
    assert "most accurate" not in Page(answer).by_id("agreement").words
    assert len(Page(answer).all("circle", class_="sun")) == 3
