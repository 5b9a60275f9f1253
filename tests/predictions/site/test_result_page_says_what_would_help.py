import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.throttling import TooManyAttempts
from predictions.models import Prediction
from predictions.results.what_if import NEXT_STEPS, WHAT_IF, ask_what_if, next_steps
from tests.support.addresses import page_of
from tests.support.html import Page
from tests.support.orders import Bought

HTMX = {"HX-Request": "true"}
STRETCHED = {
    "person_income": 38_000,
    "loan_amnt": 15_000,
    "loan_grade": "C",
    "person_home_ownership": "RENT",
    "loan_percent_income": None,
}


@pytest.fixture
def prediction(bought: Bought) -> Prediction:
    return bought(model="catboost", **STRETCHED)


def address(prediction: Prediction) -> str:
    return reverse("predictions:next-steps", args=[prediction.pk])


def test_steps_come_by_themselves_or_by_a_link(reader: Client, alice: User, prediction: Prediction) -> None:
    waiting = Page(reader.get(page_of(prediction)))
    assert waiting.by_id("next-steps").attributes["hx-get"] == address(prediction)
    assert f"{page_of(prediction)}?steps=1#next-steps" in waiting.links
    best = next_steps(alice, prediction)[0]
    for answer in (
        reader.get(address(prediction), headers=HTMX),
        reader.get(page_of(prediction), {"steps": "1"}),
    ):
        words = Page(answer).by_id("next-steps").words
        assert f"{best.approval_probability:.1%}" in words
        assert f"Loan amount: {best.changes['loan_amnt']:,} USD" in words


@pytest.mark.parametrize("language", ["en", "ru"])
def test_one_press_tries_a_step_in_the_what_if(
    reader: Client, alice: User, prediction: Prediction, language: str
) -> None:
    both = next_steps(alice, prediction)[-1]
    headers = {"Accept-Language": language}
    page = Page(reader.get(page_of(prediction), {"steps": "1"}, headers=headers))
    changes = [one.attributes for one in page.all("input") if "data-change" in one.attributes]
    # Those of the last step, which is the last form.
    sent = {one["name"]: one["value"] for one in changes[-len(both.changes) :]}
    assert set(sent) == set(both.changes)
    answer = reader.post(reverse("predictions:what-if", args=[prediction.pk]), sent, headers=headers)
    assert answer.context["what_if"]["answer"].approval_probability == both.approval_probability


def test_they_take_none_of_the_free_answers(alice: User, prediction: Prediction) -> None:
    next_steps(alice, prediction)
    prediction.refresh_from_db()
    assert prediction.what_if_used == 0


def test_they_have_a_limit_of_their_own(reader: Client, alice: User, prediction: Prediction) -> None:
    with pytest.raises(TooManyAttempts):  # noqa: PT012
        for _ in range(2 * NEXT_STEPS.attempts):
            next_steps(alice, prediction)
    assert "Too many requests." in reader.get(address(prediction), headers=HTMX).content.decode()
    assert WHAT_IF.attempts
    ask_what_if(alice, prediction, {"loan_amnt": 9_000})


def test_a_page_without_a_result_has_none(reader: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    answer = reader.get(page_of(prediction), {"steps": "1"})
    assert answer.status_code == 200
    assert 'id="next-steps"' not in answer.content.decode()
    assert reader.get(address(prediction), headers=HTMX).status_code == 302
