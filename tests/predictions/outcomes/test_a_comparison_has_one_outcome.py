"""A comparison is about one loan, so its outcome is reported once: on its page, and by the API."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import Scope, User
from predictions.jobs.worker import score_queued
from predictions.models import Comparison, FormerOutcome, Outcome, Prediction, PredictionQuerySet
from predictions.orders.comparisons import order_comparison
from predictions.outcomes.services import report_outcome
from predictions.scoring.schema import Applicant
from tests.support.html import Page
from tests.support.keys import KeyFor, program
from tests.support.people import ApiClientFor, give_money

TODAY = datetime.now(UTC).date()
REPAID = {"outcome": "repaid", "observed_on": str(TODAY)}
TOMORROW = REPAID | {"observed_on": str(TODAY + timedelta(days=1))}


@pytest.fixture
def pending(alice: User, strong: Applicant, catalog: None) -> Comparison:
    give_money(alice, 1_000_00)
    return order_comparison(user=alice, applicant=strong, request_key="compare")


@pytest.fixture
def compared(pending: Comparison) -> Comparison:
    score_queued()
    return pending


def api_address(comparison: Comparison) -> str:
    return f"/api/v1/comparisons/{comparison.pk}/outcome/"


def page_address(comparison: Comparison) -> str:
    return reverse("predictions:comparison-outcome", args=[comparison.pk])


def reported(comparison: Comparison) -> list[str]:
    rows = Outcome.objects.filter(prediction__comparison=comparison)
    return sorted(rows.values_list("result", flat=True))


def fail(rows: PredictionQuerySet) -> None:
    rows.update(status="failed", approval_probability=None, failure="scoring_failed")


def shown(reader: Client, comparison: Comparison) -> str:
    page = reader.get(reverse("predictions:comparison", args=[comparison.pk]))
    return Page(page).by_id("main").words


def test_the_api_takes_it_once_for_all_parts(api: ApiClientFor, alice: User, compared: Comparison) -> None:
    client: APIClient = api(alice)
    for _twice in range(2):
        answer = client.put(api_address(compared), REPAID, "json")
        assert answer.status_code == 200
        parts = answer.json()["predictions"]
        assert [{name: part[name] for name in REPAID} for part in parts] == [REPAID] * 3
    assert client.put(api_address(compared), REPAID | {"outcome": "defaulted"}, "json").status_code == 200
    assert reported(compared) == ["defaulted"] * 3
    assert FormerOutcome.objects.count() == 3
    for _twice in range(2):
        assert client.delete(api_address(compared)).status_code == 204
    assert reported(compared) == [""] * 3


def test_an_impossible_day_is_stored_of_no_part(api: ApiClientFor, alice: User, compared: Comparison) -> None:
    part = compared.predictions.order_by("pk").last()
    assert part is not None
    Prediction.objects.filter(pk=part.pk).update(created_at=datetime.now(UTC) + timedelta(days=1))
    answer = api(alice).put(api_address(compared), REPAID, "json")
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("observed_on", "before_order")
    ]
    assert reported(compared) == []


def test_it_waits_for_the_results(api: ApiClientFor, alice: User, pending: Comparison) -> None:
    answer = api(alice).put(api_address(pending), REPAID, "json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_finished")
    assert api(alice).delete(api_address(pending)).status_code == 204
    assert reported(pending) == []


def test_a_part_without_a_result_is_left_out(api: ApiClientFor, alice: User, compared: Comparison) -> None:
    failed = compared.predictions.first()
    assert failed is not None
    Prediction.objects.filter(pk=failed.pk).update(
        status="failed", approval_probability=None, failure="scoring"
    )
    assert api(alice).put(api_address(compared), REPAID, "json").status_code == 200
    assert reported(compared) == ["repaid"] * 2
    fail(Prediction.objects.filter(comparison=compared))
    assert api(alice).put(api_address(compared), REPAID, "json").status_code == 409


def test_it_is_nobody_elses(
    client: Client, api: ApiClientFor, bob: User, alice: User, compared: Comparison, new_key: KeyFor
) -> None:
    assert api(bob).put(api_address(compared), REPAID, "json").status_code == 404
    assert api(bob).delete(api_address(compared)).status_code == 404
    reading = program(new_key(alice, scopes=[Scope.READ]))
    assert reading.put(api_address(compared), REPAID, "json").status_code == 403
    client.force_login(bob)
    assert client.post(page_address(compared), REPAID).status_code == 404
    assert client.post(page_address(compared) + "withdraw/").status_code == 404
    assert reported(compared) == []


def test_the_page_takes_it_shows_it_and_takes_it_back(
    reader: Client, compared: Comparison, alice: User
) -> None:
    page = reverse("predictions:comparison", args=[compared.pk])
    assert "Once for all models." in shown(reader, compared)
    saved = reader.post(page_address(compared), REPAID)
    assert (saved.status_code, saved["Location"]) == (302, f"{page}#outcome")
    assert reported(compared) == ["repaid"] * 3
    assert "Repaid, observed on" in shown(reader, compared)
    part = compared.predictions.select_related("model").first()
    assert part is not None
    report_outcome(part, "defaulted", TODAY, by=alice)
    assert "The predictions have different outcomes." in shown(reader, compared)
    withdrawn = reader.post(page_address(compared) + "withdraw/")
    assert (withdrawn.status_code, withdrawn["Location"]) == (302, f"{page}#outcome")
    assert reported(compared) == [""] * 3
    assert "Once for all" in shown(reader, compared)


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        (TOMORROW, "This day is in the future."),
        ({"observed_on": str(TODAY)}, "Choose one."),
        ({"outcome": "repaid", "observed_on": "x"}, "Enter a day."),
    ],
)
def test_what_is_wrong_is_told_on_the_page(
    reader: Client, compared: Comparison, sent: dict[str, str], error: str
) -> None:
    answer = reader.post(page_address(compared), sent)
    assert answer.status_code == 422
    assert error in Page(answer).by_id("outcome").words
    assert reported(compared) == []


def test_the_page_asks_when_all_parts_have_ended(reader: Client, pending: Comparison) -> None:
    assert "No loan granted" not in shown(reader, pending)
    assert reader.post(page_address(pending), REPAID).status_code == 404
    for address in (page_address(pending), page_address(pending) + "withdraw/"):
        assert reader.get(address).status_code == 302
    score_queued()
    assert "No loan granted" in shown(reader, pending)
