"""What one prediction includes, however and from wherever it is asked for."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from predictions.models import Prediction
from predictions.results import what_if
from predictions.scoring.parsing import InvalidApplicant
from tests.support.addresses import page_of
from tests.support.html import HTMX, Page
from tests.support.orders import Bought, ResultFor
from tests.support.people import ApiClientFor

CHANGES = {"loan_amnt": 8_000}


def used(prediction: Prediction) -> int:
    return Prediction.objects.values_list("what_if_used", flat=True).get(pk=prediction.pk)


@pytest.mark.parametrize("body", [{"changes": CHANGES}, {"goal": 0.9}, {"changes": CHANGES, "goal": 0.9}])
def test_each_call_counts_once_and_the_last_is_refused_with_its_code(
    alice: User, api: ApiClientFor, result: ResultFor, settings: Settings, body: object
) -> None:
    settings.WHAT_IF_PER_PREDICTION = 2
    prediction = result()
    address = f"/api/v1/predictions/{prediction.pk}/what-if/"
    answers = [api(alice).post(address, body, format="json") for _number in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["code"] == "what_if_limit_reached"
    assert answers[-1]["Retry-After"] == "86400"
    assert used(prediction) == 2


def test_page_and_api_count_together(
    alices: Client, alice: User, api: ApiClientFor, result: ResultFor, settings: Settings
) -> None:
    settings.WHAT_IF_PER_PREDICTION = 2
    prediction = result()
    alices.post(reverse("predictions:what-if", args=[prediction.pk]), {"loan_amnt": "8000"})
    alices.post(reverse("predictions:loan-reduction", args=[prediction.pk]), {"goal": "99"})
    answer = api(alice).post(
        f"/api/v1/predictions/{prediction.pk}/what-if/", {"changes": CHANGES}, format="json"
    )
    assert answer.json()["code"] == "what_if_limit_reached"
    for part, sent in (("what-if", {"loan_amnt": "8000"}), ("loan-reduction", {"goal": "99"})):
        page = alices.post(reverse(f"predictions:{part}", args=[prediction.pk]), sent, headers=HTMX)
        assert (page.status_code, page["Retry-After"]) == (429, "86400")
        assert "This prediction has no free calculations left." in page.content.decode()


def test_each_prediction_has_its_own_count(alice: User, result: ResultFor, settings: Settings) -> None:
    settings.WHAT_IF_PER_PREDICTION = 1
    for prediction in (result(), result()):
        what_if.ask_what_if(alice, prediction, CHANGES)
        with pytest.raises(what_if.WhatIfLimitReached):
            what_if.ask_what_if(alice, prediction, CHANGES)


@pytest.mark.parametrize(
    "again",
    [
        pytest.param(lambda user, sold: what_if.verify(user, sold), id="verification"),
        pytest.param(lambda user, sold: what_if.ice_curves(user, sold, ["loan_amnt"]), id="curves"),
    ],
)
def test_what_always_gives_the_same_answer_does_not_count(
    alice: User, result: ResultFor, settings: Settings, again: Callable[[User, Prediction], object]
) -> None:
    settings.WHAT_IF_PER_PREDICTION = 1
    prediction = result()
    what_if.ask_what_if(alice, prediction, CHANGES)
    assert again(alice, prediction) == again(alice, prediction)
    assert used(prediction) == 1


def test_changes_that_are_refused_do_not_count(alice: User, result: ResultFor) -> None:
    prediction = result()
    with pytest.raises(InvalidApplicant):
        what_if.ask_what_if(alice, prediction, {"loan_grade": "H"})
    Prediction.objects.filter(pk=prediction.pk).update(artifact_sha256="0" * 64)
    prediction.refresh_from_db()
    with pytest.raises(what_if.ArtifactUnavailable):
        what_if.ask_what_if(alice, prediction, CHANGES)
    assert used(prediction) == 0


def test_zero_means_no_limit(alice: User, result: ResultFor, settings: Settings) -> None:
    settings.WHAT_IF_PER_PREDICTION = 0
    prediction = result()
    Prediction.objects.filter(pk=prediction.pk).update(what_if_used=1_000_000)
    what_if.ask_what_if(alice, prediction, CHANGES)
    assert what_if.answers_left(prediction) is None


@pytest.mark.django_db(transaction=True)
def test_parallel_requests_do_not_pass_it(alice: User, result: ResultFor, settings: Settings) -> None:
    settings.WHAT_IF_PER_PREDICTION = 5
    prediction = result()

    def ask(_number: int) -> bool:
        try:
            what_if.ask_what_if(alice, Prediction.objects.select_related("model").get(), CHANGES)
        except what_if.WhatIfLimitReached:
            return False
        finally:
            connections.close_all()
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(24))) == 5
    assert used(prediction) == 5


@pytest.mark.parametrize(
    ("left", "says"),
    [
        (51, None),
        (50, "50 free calculations left."),
        (1, "1 free calculation left."),
        (0, "This prediction has no free calculations left."),
    ],
)
def test_the_page_says_when_few_are_left_and_closes_the_forms_at_none(
    alices: Client, bought: Bought, settings: Settings, left: int, says: str | None
) -> None:
    prediction = bought()
    Prediction.objects.update(what_if_used=settings.WHAT_IF_PER_PREDICTION - left)
    page = Page(alices.get(page_of(prediction)))
    others = {"id_outcome"}
    fieldsets = [one for one in page.all("fieldset") if one.attributes.get("id") not in others]
    closed = ["disabled" in fieldset.attributes for fieldset in fieldsets]
    assert closed == [left == 0] * 2
    for section in ("what-if-answer", "loan-reduction-answer"):
        words = page.by_id(section).words
        assert says in words if says else "free calculation" not in words


def test_the_default_is_that_of_the_contract(settings: Settings) -> None:
    assert settings.WHAT_IF_PER_PREDICTION == 500
