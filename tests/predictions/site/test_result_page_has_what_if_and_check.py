from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.services import wallet_of
from predictions.formats.numbers import in_points
from predictions.models import Prediction
from predictions.results.what_if import WHAT_IF, ask_what_if, smallest_reduction
from tests.support.addresses import page_of
from tests.support.clock import Forward
from tests.support.html import HTMX, Page
from tests.support.orders import Bought
from tests.support.page_checks import assert_usable


def address(part: str, prediction: Prediction) -> str:
    return reverse(f"predictions:{part}", args=[prediction.pk])


def without_result(status: str) -> None:
    """Make every prediction one that has failed or was canceled."""
    failure = "deadline_passed" if status == "failed" else ""
    Prediction.objects.update(status=status, approval_probability=None, failure=failure)


def test_what_if_shows_before_after_and_the_difference_for_free(
    alices: Client, alice: User, bought: Bought
) -> None:
    prediction = bought()
    balance, entries = wallet_of(alice).balance, Entry.objects.count()
    changed = ask_what_if(alice, prediction, {"loan_amnt": 30_000, "loan_grade": "F"})
    sent = {"loan_amnt": "30 000", "loan_grade": "F"}
    for headers in ({}, HTMX):
        answer = alices.post(address("what-if", prediction), sent, headers=headers)
        assert answer.status_code == 200
        text = answer.content.decode()
        assert f"<strong>{prediction.approval_probability:.1%}</strong>" in text
        assert f"<strong>{changed.approval_probability:.1%}</strong>" in text
        assert in_points(changed.approval_probability - (prediction.approval_probability or 0)) in text
        assert bool(Page(answer).all("html")) is not bool(headers)
    assert (wallet_of(alice).balance, Entry.objects.count()) == (balance, entries)


@pytest.mark.parametrize(("slug", "certain"), [("catboost", True), ("random-forest", False)])
def test_what_if_says_which_directions_are_certain(
    alices: Client, bought: Bought, slug: str, certain: bool
) -> None:
    prediction = bought(model=slug)
    answer = alices.post(address("what-if", prediction), {"loan_amnt": "3000"}, headers=HTMX)
    assert ("The probability never falls" in answer.content.decode()) is certain


def test_what_is_not_touched_stays_to_the_last_bit(alices: Client, bought: Bought) -> None:
    prediction = bought(loan_int_rate=10.123456789012)
    page = Page(alices.get(page_of(prediction)))
    names = ("loan_amnt", "person_income", "loan_int_rate", "person_emp_length")
    as_shown = {name: page.value_of(name) for name in names}
    for language in ("en", "ru"):
        headers = {"Accept-Language": language, **HTMX}
        answer = alices.post(address("what-if", prediction), as_shown, headers=headers)
        assert answer.context["what_if"]["change"] == 0
        assert answer.context["what_if"]["form"].changes == {}


def test_inputs_have_the_readers_decimal_separator(alices: Client, bought: Bought) -> None:
    prediction = bought(loan_int_rate=10.5)
    page = Page(alices.get(page_of(prediction), headers={"Accept-Language": "ru"}))
    assert page.value_of("loan_int_rate") == "10,5"
    (slider,) = page.all("input", id="what_if_loan_int_rate_slider")
    assert slider.attributes["value"] == "10.5"
    answer = alices.post(
        address("what-if", prediction), {"loan_int_rate": "10,5"}, headers={"Accept-Language": "ru"} | HTMX
    )
    assert answer.context["what_if"]["form"].changes == {}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_what_if_names_what_is_wrong_beside_the_field(alices: Client, bought: Bought, language: str) -> None:
    prediction = bought()
    wrong = {"loan_amnt": "-5", "loan_int_rate": "much"}
    for headers in ({}, HTMX):
        answer = alices.post(
            address("what-if", prediction), wrong, headers={"Accept-Language": language, **headers}
        )
        page = Page(answer)
        assert answer.status_code == 422
        for name in wrong:
            error = page.by_id(f"what_if_{name}_error")
            assert error.words
            assert "hidden" not in error.attributes
        assert "hidden" in page.by_id("what_if_person_income_error").attributes
        assert ("Enter" in page.by_id("what_if_loan_amnt_error").words) is (language == "en")
    assert_usable(alices.post(address("what-if", prediction), wrong))


def test_an_impossible_share_is_told_at_the_amount(alices: Client, bought: Bought) -> None:
    sent = {"loan_amnt": "9000000", "person_income": "10"}
    page = Page(alices.post(address("what-if", bought()), sent))
    assert "times the yearly income" in page.by_id("what_if_loan_amnt_error").words


def test_asking_too_often_has_to_wait(alices: Client, bought: Bought, forward: Forward) -> None:
    prediction = bought()
    answers = [
        alices.post(address("what-if", prediction), headers=HTMX) for _number in range(WHAT_IF.attempts + 1)
    ]
    refused = answers.pop()
    assert {answer.status_code for answer in answers} == {200}
    assert refused.status_code == 429
    assert "Too many requests" in refused.content.decode()
    assert 1 <= int(refused["Retry-After"]) <= WHAT_IF.seconds


def test_curves_come_by_themselves_or_by_a_link(alices: Client, bought: Bought) -> None:
    prediction = bought()
    waiting = Page(alices.get(page_of(prediction)))
    assert waiting.by_id("curves").attributes["hx-get"] == address("curves", prediction)
    assert f"{page_of(prediction)}?curves=1#curves" in waiting.links
    for answer in (
        alices.get(address("curves", prediction), headers=HTMX),
        alices.get(page_of(prediction), {"curves": "1"}),
    ):
        page = Page(answer)
        assert len(page.all("path", class_="curve-line")) == 3
        assert len(page.all("path", class_="dot")) >= 3
        own = page.all("tr", class_="own")
        assert len(own) == 3
        assert all(f"{prediction.approval_probability:.1%}" in row.words for row in own)


@pytest.mark.parametrize("status", ["queued", "failed", "canceled"])
def test_a_page_without_a_result_has_no_curves(alices: Client, bought: Bought, status: str) -> None:
    prediction = bought(run=status != "queued")
    if status != "queued":
        without_result(status)
    answer = alices.get(page_of(prediction), {"curves": "1"})
    assert answer.status_code == 200
    assert not Page(answer).all("path", class_="curve-line")


def test_an_unknown_rate_has_a_curve_without_a_mark(alices: Client, bought: Bought) -> None:
    page = Page(alices.get(address("curves", bought(loan_int_rate=None)), headers=HTMX))
    assert len(page.all("path", class_="curve-line")) == 3
    assert len(page.all("path", class_="dot")) == 2


def test_the_smallest_cut_is_found_or_the_answer_is_no(alices: Client, alice: User, bought: Bought) -> None:
    prediction = bought(model="catboost", loan_amnt=34_000, loan_percent_income=0.5)
    probability = prediction.approval_probability
    assert probability is not None
    goal = int(probability * 100) + 2
    found = smallest_reduction(alice, prediction, goal / 100)
    assert found
    assert found.reduction
    text = alices.post(
        address("loan-reduction", prediction), {"goal": f"{goal},0"}, headers=HTMX
    ).content.decode()
    assert f"{found.amount:,} USD" in text
    assert f"{found.reduction:,} USD less" in text
    asked = {"goal": "100"}
    answer = alices.post(address("loan-reduction", prediction), asked).content.decode()
    assert "No reduction is enough" in answer
    assert "stays below 100%" in answer
    asked = {"goal": str(int(probability * 100))}
    assert (
        "No reduction is needed" in alices.post(address("loan-reduction", prediction), asked).content.decode()
    )


@pytest.mark.parametrize("goal", ["", "0", "101", "much"])
def test_a_goal_is_a_percentage(alices: Client, bought: Bought, goal: str) -> None:
    answer = alices.post(address("loan-reduction", bought()), {"goal": goal})
    assert answer.status_code == 422
    assert Page(answer).by_id("id_goal_error").words
    assert_usable(answer)


@pytest.mark.parametrize("goal", ["99.950", "99,950", "1.000"])
def test_a_goal_has_no_thousands(alices: Client, bought: Bought, goal: str) -> None:
    """Three decimals of a percentage are no group of thousands."""
    answer = alices.post(address("loan-reduction", bought()), {"goal": goal})
    assert answer.status_code == 200
    assert not Page(answer).all("p", id="id_goal_error")


def test_checking_again_shows_the_same_number_and_the_hash(alices: Client, bought: Bought) -> None:
    prediction = bought()
    for headers in ({}, HTMX):
        page = Page(alices.post(address("verification", prediction), headers=headers))
        words = page.all("dl", class_="checked")[0].words
        assert words.count(repr(prediction.approval_probability)) == 2
        assert prediction.artifact_sha256 in words
        assert prediction.model_version in words
        assert page.all("time")
        assert "Exact match" in page.all("div", class_="notice success")[0].words


def test_the_number_is_checked_in_the_readers_format(alices: Client, bought: Bought) -> None:
    prediction = bought()
    page = Page(alices.post(address("verification", prediction), headers={"Accept-Language": "ru"}))
    shown = repr(prediction.approval_probability).replace(".", ",")
    assert page.all("dl", class_="checked")[0].words.count(shown) == 2


@pytest.mark.parametrize(("status", "buttons"), [("succeeded", 1), ("failed", 0), ("canceled", 0)])
def test_a_result_prints_when_there_is_one(alices: Client, bought: Bought, status: str, buttons: int) -> None:
    prediction = bought()
    if status != "succeeded":
        without_result(status)
    assert len(Page(alices.get(page_of(prediction))).all("button", data_print="")) == buttons


def test_checking_again_notices_a_difference(alices: Client, bought: Bought) -> None:
    prediction = bought()
    assert prediction.approval_probability is not None
    Prediction.objects.update(approval_probability=prediction.approval_probability - 1e-15)
    assert "The results differ" in alices.post(address("verification", prediction)).content.decode()


def test_a_model_that_is_gone_is_told(
    alices: Client, bought: Bought, settings: Settings, tmp_path: Path
) -> None:
    prediction, settings.ARTIFACTS_DIR = bought(), tmp_path
    for part, sent in (
        ("verification", {}),
        ("what-if", {"loan_amnt": "5"}),
        ("loan-reduction", {"goal": "90"}),
    ):
        answer = alices.post(address(part, prediction), sent, headers=HTMX)
        assert answer.status_code == 503
        assert "is currently unavailable" in answer.content.decode()
    assert (
        "is currently unavailable" in alices.get(address("curves", prediction), headers=HTMX).content.decode()
    )
