from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from predictions.jobs import worker
from predictions.models import Comparison, Prediction
from predictions.orders.comparisons import order_comparison
from predictions.results import explanations
from predictions.scoring.schema import Applicant
from tests.support.addresses import page_of
from tests.support.html import HTMX, Page
from tests.support.messages import waiting_messages
from tests.support.orders import ResultFor
from tests.support.people import Answer, ApiClientFor, give_money

WORDS = {"en": "Too many explanations", "ru": "Слишком много объяснений"}


@pytest.fixture
def two_at_most(settings: Settings) -> None:
    settings.EXPLANATIONS_PER_MINUTE = 2


def a_minute_later() -> None:
    requested = Prediction.objects.filter(explanation_requested_at__isnull=False)
    requested.update(explanation_requested_at=timezone.now() - timedelta(minutes=1))


def test_the_api_refuses_more_until_a_minute_has_passed(
    alice: User, bob: User, api: ApiClientFor, result: ResultFor, two_at_most: None
) -> None:
    def ask(prediction: Prediction, user: User = alice, language: str = "en") -> Answer:
        address = f"/api/v1/predictions/{prediction.pk}/explanation/"
        return api(user).get(address, headers={"Accept-Language": language})

    first, second, third = (result("logistic-regression") for _number in range(3))
    assert [ask(prediction).status_code for prediction in (first, second, first)] == [202] * 3
    texts = set()
    for language in WORDS:
        refused = ask(third, language=language)
        assert (refused.status_code, refused.json()["code"]) == (429, "too_many_explanations")
        assert refused["Content-Type"] == "application/problem+json"
        assert 1 <= int(refused["Retry-After"]) <= 61
        texts.add(refused.json()["detail"])
    assert len(texts) == 2
    third.refresh_from_db()
    assert third.explanation_requested_at is None
    # What is there, or was requested before, is not counted.
    explanations.explain_and_store([first])
    assert [ask(prediction).status_code for prediction in (first, second)] == [200, 202]
    Prediction.objects.filter(pk=third.pk).update(user=bob)
    assert ask(third, bob).status_code == 202
    Prediction.objects.filter(pk=third.pk).update(user=alice, explanation_requested_at=None)
    a_minute_later()
    assert ask(third).status_code == 202


def test_zero_means_no_limit(alice: User, result: ResultFor, settings: Settings) -> None:
    settings.EXPLANATIONS_PER_MINUTE = 0
    assert all(explanations.request(result("logistic-regression")) for _number in range(3))


@pytest.mark.parametrize("language", WORDS)
def test_a_result_page_says_that_it_comes_later_and_keeps_asking(
    alices: Client, result: ResultFor, two_at_most: None, language: str
) -> None:
    header = {"Accept-Language": language}
    for _number in range(2):
        explanations.request(result("logistic-regression"))
    prediction = result("logistic-regression")
    section = Page(alices.get(page_of(prediction), headers=header)).by_id("explanation")
    assert WORDS[language] in section.words
    assert section.attributes["hx-trigger"] == "every 5s"
    poll = section.attributes["hx-get"]
    assert alices.get(poll, headers=HTMX).status_code == 204, "the page has said it"
    a_minute_later()
    assert alices.get(poll, headers=HTMX).status_code == 204
    prediction.refresh_from_db()
    assert prediction.explanation_requested_at
    explanations.explain_and_store([prediction])
    assert Page(alices.get(poll, headers=HTMX)).all("table", class_="waterfall")


@pytest.fixture
def compared(alice: User, catalog: None, applicant: Applicant) -> Comparison:
    give_money(alice, 1000_00)
    comparison = order_comparison(user=alice, applicant=applicant, request_key="limited")
    worker.score_queued()
    return comparison


@pytest.mark.parametrize("language", WORDS)
def test_so_does_a_comparison_which_asks_for_what_it_may(
    alices: Client, compared: Comparison, two_at_most: None, language: str
) -> None:
    page = reverse("predictions:comparison", args=[compared.pk])
    answer = alices.get(page, headers={"Accept-Language": language})
    assert WORDS[language] in answer.content.decode()
    assert compared.predictions.filter(explanation_requested_at__isnull=False).count() == 2
    assert waiting_messages("explanations") == [[]]
    poll = Page(answer).by_id("comparison").attributes["hx-get"]
    assert alices.get(poll, headers=HTMX).status_code == 204, "the page has said it"
    a_minute_later()
    assert "Calculating the explanations" in alices.get(poll, headers=HTMX).content.decode()
    assert not compared.predictions.filter(explanation_requested_at__isnull=True).exists()
