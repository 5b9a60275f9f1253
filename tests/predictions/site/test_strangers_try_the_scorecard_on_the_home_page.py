from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from predictions.models import Prediction
from predictions.scoring.artifacts import current
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.schema import EXAMPLE
from predictions.scoring.what_if import what_if
from predictions.site.trial import TRIALS
from tests.support.html import Page

HOME, TRIAL = reverse("home"), reverse("predictions:trial")
HTMX = {"HX-Request": "true"}


@pytest.fixture
def stranger(catalog: None) -> Client:
    return Client()


def approval(sold: Path, **changes: object) -> str:
    answer = what_if(sold, current(sold, "logistic-regression"), parse_applicant(EXAMPLE), changes)
    return f"{answer.approval_probability:.1%}"


def test_the_page_has_the_example_and_its_number(stranger: Client, sold: Path) -> None:
    page = Page(stranger.get(HOME))
    assert approval(sold) in page.by_id("trial-answer").words
    assert page.value_of("loan_amnt") == str(EXAMPLE["loan_amnt"])


@pytest.mark.parametrize(("language", "rate"), [("en", "14.5"), ("ru", "14,5")])
def test_a_change_moves_the_number_with_htmx_and_without(
    stranger: Client, sold: Path, language: str, rate: str
) -> None:
    sent = {"loan_amnt": "20000", "loan_int_rate": rate, "loan_grade": "D"}
    headers = {"Accept-Language": language}
    expected = approval(sold, loan_amnt=20_000, loan_int_rate=14.5, loan_grade="D")
    if language == "ru":
        expected = expected.replace(".", ",").replace("%", "\u00a0%")
    for answer in (
        stranger.get(TRIAL, sent, headers={**headers, **HTMX}),
        stranger.get(HOME, sent, headers=headers),
    ):
        assert answer.status_code == 200
        assert expected in answer.content.decode()
    assert not Prediction.objects.exists()


def test_wrong_values_are_named(stranger: Client) -> None:
    sent = {"loan_amnt": "-5", "person_income": "x"}
    answer = stranger.get(TRIAL, sent, headers=HTMX)
    assert answer.status_code == 422
    errors = [one for one in Page(answer).all("p", class_="error") if "hidden" not in one.attributes]
    assert {one.attributes["id"] for one in errors} == {"trial_loan_amnt_error", "trial_person_income_error"}
    page = stranger.get(HOME, sent)
    assert page.status_code == 200
    assert "Check the highlighted fields." in page.content.decode()


def test_trying_is_limited_and_reading_is_not(stranger: Client) -> None:
    statuses = [
        stranger.get(TRIAL, {"loan_amnt": str(1_000 + number)}, headers=HTMX).status_code
        for number in range(TRIALS.attempts + 1)
    ]
    assert statuses[-1] == 429
    assert set(statuses[:-1]) == {200}
    assert "Too many requests." in stranger.get(HOME, {"loan_amnt": "5000"}).content.decode()
    assert "%" in Page(stranger.get(HOME)).by_id("trial-answer").words


def test_without_a_model_the_page_is_there_without_the_trial(
    stranger: Client, settings: Settings, tmp_path: Path
) -> None:
    settings.ARTIFACTS_DIR = tmp_path
    page = stranger.get(HOME)
    assert page.status_code == 200
    assert 'id="trial"' not in page.content.decode()
    assert stranger.get(TRIAL, headers=HTMX).status_code == 404


def test_choosing_a_model_leads_a_stranger_to_sign_up_and_on(
    stranger: Client, alice: User, settings: Settings
) -> None:
    settings.WELCOME_CREDIT = 500_00
    page = stranger.get(HOME)
    assert f"{reverse('accounts:register')}?next=/predictions/new/%3Fmodel%3Dcatboost" in Page(page).links
    assert "New accounts start with 500.00 USD." in Page(page).by_id("main").words
    stranger.force_login(alice)
    page = stranger.get(HOME)
    assert f"{reverse('predictions:new')}?model=catboost" in Page(page).links
    assert "New accounts start" not in Page(page).by_id("main").words
