from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from predictions.formats.applicants import reason_text
from predictions.models import Prediction
from predictions.results import explanations
from predictions.scoring.schema import FIELDS_BY_NAME
from tests.support.addresses import page_of
from tests.support.html import HTMX, Page
from tests.support.orders import Bought
from tests.support.page_checks import assert_obeys, assert_usable

# Of the rows that move the probability.
KINDS = ("up", "down", "same")


def part_of(prediction: Prediction) -> str:
    return reverse("predictions:explanation", args=[prediction.pk])


@pytest.mark.parametrize("model", ["logistic-regression", "random-forest", "catboost"])
def test_it_leads_from_the_average_to_the_result_the_largest_first(
    alices: Client, bought: Bought, model: str
) -> None:
    prediction = bought(model=model, loan_amnt=34_000, loan_percent_income=0.5, loan_grade="E")
    explanations.explain_and_store([prediction])
    prediction.refresh_from_db()
    page = Page(alices.get(page_of(prediction)))
    kept = explanations.explanation_of(prediction)
    assert kept
    parts = sorted(kept.contributions, key=lambda part: -abs(part.contribution))
    table = page.all("table", class_="waterfall")[0].words
    places = [table.find(FIELDS_BY_NAME[part.field].label) for part in parts[:3]]
    assert places == sorted(places)
    assert -1 not in places
    assert "Age" not in table, "it moves nothing"
    shown = [row.words.split()[-1] for name in KINDS for row in page.all("tr", class_=name)]
    numbers = [float(text.replace("\u2212", "-")) for text in shown]
    first, last = (float(row.words.split()[-1].rstrip("%")) for row in page.all("tr", class_="end"))
    assert first + sum(numbers) == pytest.approx(last), "what is printed adds up"
    assert (f"{reverse('predictions:model', args=[model])}#points" in page.links) == (
        model == "logistic-regression"
    )
    assert table.endswith(f"{prediction.approval_probability:.1%}")
    reasons = page.all("ol", class_="reasons")[0].words
    said = explanations.reasons_of(prediction, kept)
    assert 1 <= len(said) <= 4
    assert all(reason_text(reason) in reasons for reason in said)


def test_signs_are_told_by_text_and_shape(alices: Client, bought: Bought) -> None:
    prediction = bought(loan_amnt=34_000, loan_percent_income=0.5)
    explanations.explain_and_store([prediction])
    page = Page(alices.get(page_of(prediction)))
    for name, sign in (("up", "+"), ("down", "\u2212")):
        rows = page.all("tr", class_=name)
        assert rows
        assert all(sign in row.words for row in rows)


def test_a_missing_one_is_asked_for_and_fills_itself_in(alices: Client, bought: Bought) -> None:
    prediction = bought()
    section = Page(alices.get(page_of(prediction))).by_id("explanation")
    assert "Calculating the explanation" in section.words
    assert section.attributes["hx-get"].startswith(f"{part_of(prediction)}?since=")
    prediction.refresh_from_db()
    assert prediction.explanation_requested_at, "the page has asked"
    assert alices.get(section.attributes["hx-get"], headers=HTMX).status_code == 204
    explanations.explain_and_store([prediction])
    part = Page(alices.get(part_of(prediction), headers=HTMX))
    assert "hx-get" not in part.by_id("explanation").attributes, "the polling ends"
    assert part.all("table", class_="waterfall")
    assert not part.all("html")


def test_one_that_failed_says_so_plainly(
    alices: Client, bought: Bought, settings: Settings, tmp_path: Path
) -> None:
    prediction, settings.ARTIFACTS_DIR = bought(), tmp_path
    explanations.explain_and_store([prediction])
    section = Page(alices.get(page_of(prediction))).by_id("explanation")
    assert "could not be calculated" in section.words
    assert "hx-get" not in section.attributes


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_with_all_of_it_is_usable_and_obeys(alices: Client, bought: Bought, language: str) -> None:
    prediction = bought(loan_int_rate=None)
    explanations.explain_and_store([prediction])
    for query in ({}, {"curves": "1"}):
        answer = alices.get(page_of(prediction), query, headers={"Accept-Language": language})
        assert_usable(answer)
        assert_obeys(answer)


def test_results_that_wait_or_failed_have_nothing_to_explore(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    for part in ("explanation", "what-if", "curves", "loan-reduction", "verification"):
        address = reverse(f"predictions:{part}", args=[prediction.pk])
        assert alices.get(address, headers=HTMX).status_code == 302
        if part not in ("explanation", "curves"):
            assert alices.post(address).status_code == 302
    assert not Page(alices.get(page_of(prediction))).all("form", method="post", action=address)


def test_nobody_explores_somebody_elses(client: Client, bob: User, bought: Bought) -> None:
    prediction = bought()
    client.force_login(bob)
    for part in ("explanation", "what-if", "curves", "loan-reduction", "verification"):
        address = reverse(f"predictions:{part}", args=[prediction.pk])
        assert client.get(address, headers=HTMX).status_code == 404
    for part in ("what-if", "loan-reduction", "verification"):
        assert client.post(reverse(f"predictions:{part}", args=[prediction.pk])).status_code == 404
