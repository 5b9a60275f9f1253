from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.models import Prediction, ScoringModel
from predictions.scoring.schema import FIELDS
from tests.support.customers import Form
from tests.support.html import Page
from tests.support.orders import Bought
from tests.support.reviews import send

NEW = reverse("predictions:new")


def test_it_charges_the_price_and_leads_to_the_prediction(alices: Client, alice: User, form: Form) -> None:
    answer = alices.post(NEW, form)
    prediction = Prediction.objects.get(user=alice)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("predictions:detail", args=[prediction.pk])
    assert wallet_of(alice).balance == 90_00


def test_without_javascript_each_balance_after_is_listed(alices: Client) -> None:
    listed = [
        row.words for row in Page(alices.get(NEW, follow=True)).all("dt") if "balance after" in row.words
    ]
    prices = ScoringModel.objects.values_list("name_en", flat=True)
    assert len(listed) == len(prices) == 3
    assert all(any(name in row for row in listed) for name in prices)


def test_a_form_sent_twice_charges_once(alices: Client, alice: User, form: Form) -> None:
    first, second = alices.post(NEW, form), alices.post(NEW, form)
    assert first["Location"] == second["Location"]
    assert Entry.objects.filter(wallet__user=alice, kind="charge").count() == 1


def test_the_same_form_with_other_values_is_asked_about_and_then_bought(
    alices: Client, alice: User, form: Form
) -> None:
    alices.post(NEW, form)
    answer = alices.post(NEW, form | {"loan_amnt": "5000"})
    assert answer.status_code == 422
    assert wallet_of(alice).balance == 90_00
    assert Page(answer).value_of("loan_amnt") == "5,000"
    key = Page(answer).value_of("request_key")
    assert alices.post(NEW, form | {"loan_amnt": "5000", "request_key": key}).status_code == 302
    assert wallet_of(alice).balance == 80_00


def test_a_form_without_its_key_charges_nothing_and_gets_one(alices: Client, alice: User, form: Form) -> None:
    answer = alices.post(NEW, form | {"request_key": "nonsense"})
    assert answer.status_code == 422
    assert wallet_of(alice).balance == 100_00
    key = Page(answer).value_of("request_key")
    assert alices.post(NEW, form | {"request_key": key}).status_code == 302


def test_a_price_that_has_risen_is_shown_before_it_is_paid(alices: Client, alice: User, form: Form) -> None:
    ScoringModel.objects.filter(slug="logistic-regression").update(price=20_00)
    answer = alices.post(NEW, form)
    assert answer.status_code == 409
    assert wallet_of(alice).balance == 100_00
    page = Page(answer)
    assert (
        "20.00\u00a0USD" in page.by_id("id_model_error").words
        or "20.00 USD" in page.by_id("id_model_error").words
    )
    shown = {name: page.value_of(name) for name in ("request_key", "price_logistic-regression")}
    assert alices.post(NEW, form | shown).status_code == 302
    assert wallet_of(alice).balance == 80_00


def test_the_example_can_be_bought_as_it_is_filled_in(alices: Client, alice: User) -> None:
    """Without JavaScript, too: the share of income is left to the server."""
    page = Page(alices.get(NEW, {"example": "1", "model": "random-forest"}, follow=True))
    sent = {
        element.attributes["name"]: element.attributes.get("value", "")
        for element in page.all("input")
        if element.attributes.get("name") and element.attributes.get("type") != "radio"
    }
    chosen = [radio for radio in page.all("input", name="model") if "checked" in radio.attributes]
    assert [radio.attributes["value"] for radio in chosen] == ["random-forest"]
    options = {field.name: field.example for field in FIELDS if hasattr(field, "choices")}
    assert send(alices, NEW, sent | options | {"model": "random-forest"}).status_code == 302
    assert wallet_of(alice).balance == 50_00


def test_an_earlier_order_can_be_changed_and_ordered_again(alices: Client, bought: Bought) -> None:
    earlier = bought(run=False, loan_amnt=7654, loan_percent_income=7654 / 68_000)
    page = Page(alices.get(NEW, {"from": str(earlier.pk)}, follow=True))
    assert page.value_of("loan_amnt") == "7,654"
    assert page.value_of("request_key") not in earlier.charge.request_key


def test_nobody_starts_from_somebody_elses_order(client: Client, bob: User, bought: Bought) -> None:
    client.force_login(bob)
    assert client.get(NEW, {"from": str(bought(run=False).pk)}, follow=True).status_code == 404
    assert client.get(NEW, {"from": "nonsense"}, follow=True).status_code == 404
