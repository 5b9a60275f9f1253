"""The notice to print, from a result that the policy declines or leaves to a person."""

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from predictions.models import Prediction
from predictions.results.decisions import save_policy
from predictions.results.explanations import explain_and_store
from tests.support.html import Page
from tests.support.orders import Bought

POOR = {"loan_grade": "F", "person_home_ownership": "RENT", "cb_person_default_on_file": "Y"}


@pytest.fixture
def declined(alice: User, bought: Bought) -> Prediction:
    save_policy(alice, approve_from=0.85, decline_below=0.6)
    return bought(**POOR)


def address(prediction: Prediction) -> str:
    return reverse("predictions:notice", args=[prediction.pk])


def explain(prediction: Prediction) -> None:
    explain_and_store([Prediction.objects.select_related("model").get(pk=prediction.pk)])


def test_it_names_the_reasons_in_the_words_of_the_regulation(reader: Client, declined: Prediction) -> None:
    explain(declined)
    assert address(declined) in Page(reader.get(reverse("predictions:detail", args=[declined.pk]))).links
    page = reader.get(address(declined))
    text = " ".join(page.content.decode().split())
    assert "We are unable to approve your application." in text
    assert "The federal Equal Credit Opportunity Act prohibits creditors" in text
    assert "<strong>Loan grade.</strong> The loan grade is F (A is best, G is worst)." in text
    assert 1 <= len(page.context["statements"]) <= 4
    assert not [found for found in page.context["statements"] if found.code == "AGE"]
    # Nothing that is typed into the blanks is sent.
    assert all(
        "name" not in blank.attributes for blank in Page(page).all("input") if "id" in blank.attributes
    )


def test_it_is_there_in_russian(reader: Client, declined: Prediction) -> None:
    explain(declined)
    text = reader.get(address(declined), headers={"Accept-Language": "ru"}).content.decode()
    assert "Основные причины решения" in text
    assert "Класс кредита" in text


def test_it_waits_for_the_explanation_and_asks_for_it(reader: Client, declined: Prediction) -> None:
    page = reader.get(address(declined))
    assert "Calculating the explanation…" in page.content.decode()
    assert '<meta http-equiv="refresh" content="' in page.content.decode()
    declined.refresh_from_db()
    assert declined.explanation_requested_at is not None


def test_an_approval_and_a_result_without_a_policy_have_none(
    reader: Client, alice: User, bob: User, bought: Bought
) -> None:
    assert reader.get(address(bought(**POOR))).status_code == 404
    save_policy(alice, approve_from=0.0, decline_below=0.0)
    approved = bought(**POOR)
    assert reader.get(address(approved)).status_code == 404
    assert address(approved) not in Page(reader.get(reverse("predictions:detail", args=[approved.pk]))).links
    save_policy(bob, approve_from=1.0, decline_below=1.0)
    assert reader.get(address(bought(user=bob, **POOR))).status_code == 404


def test_without_a_reason_there_is_no_letter(reader: Client, alice: User, bought: Bought) -> None:
    save_policy(alice, approve_from=1.0, decline_below=1.0)
    good = bought(loan_grade="A", person_home_ownership="OWN", person_income=200_000, loan_int_rate=6)
    explain(good)
    page = reader.get(address(good))
    assert page.context["statements"] == []
    assert "Let a person decide." in page.content.decode()
    assert "We are unable to approve" not in page.content.decode()


def test_a_version_that_is_away_is_told(
    reader: Client, declined: Prediction, settings: Settings, tmp_path: Path
) -> None:
    explain(declined)
    settings.ARTIFACTS_DIR = tmp_path
    page = reader.get(address(declined))
    assert page.status_code == 503
    assert "The model version behind this result is currently unavailable." in page.content.decode()


@pytest.mark.django_db
def test_applicants_are_told_what_they_may_ask(client: Client) -> None:
    page = client.get(reverse("predictions:automated-decisions"))
    assert page.status_code == 200
    assert "Article 22(3)\u00a0GDPR" in page.content.decode()
    russian = client.get(reverse("predictions:automated-decisions"), headers={"Accept-Language": "ru"})
    assert "Ваши права" in russian.content.decode()
