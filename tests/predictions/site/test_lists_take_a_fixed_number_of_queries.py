from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from predictions.jobs import worker
from predictions.orders.predictions import cancel_prediction
from tests.support.orders import Bought

HISTORY = reverse("predictions:history")
PAGES = (
    reverse("predictions:dashboard"),
    HISTORY,
    f"{HISTORY}?sort=oldest&since=2020-01-01",
    f"{HISTORY}?sort=highest&status=succeeded",
    f"{HISTORY}?sort=lowest&model=logistic-regression",
    reverse("predictions:transactions"),
    reverse("predictions:statement"),
)


@pytest.mark.parametrize("address", PAGES)
def test_it_takes_as_many_for_a_full_page_as_for_one_row(
    alices: Client, bought: Bought, address: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert alices.get(address).status_code == 200
        return len(captured)

    bought()
    cancel_prediction(bought(run=False))
    few = queries()
    for _ in range(20):
        bought(run=False)
        cancel_prediction(bought(run=False))
    worker.score_queued()
    assert queries() == few
    assert few <= 12


def test_pages_lead_to_older_and_newer_ones(alices: Client, bought: Bought) -> None:
    ordered = [str(bought(run=False).pk) for _ in range(30)]
    first = alices.get(reverse("predictions:history"))
    second = alices.get(first.context["next"])
    shown = [[str(row.pk) for row in page.context["rows"]] for page in (first, second)]
    assert shown[0] + shown[1] == ordered[::-1]
    assert alices.get(second.context["previous"]).context["rows"] == first.context["rows"]


def test_a_bad_cursor_starts_over(alices: Client, bought: Bought) -> None:
    bought(run=False)
    answer = alices.get(reverse("predictions:history"), {"cursor": "nonsense"})
    assert len(answer.context["rows"]) == 1


@pytest.mark.parametrize(
    ("name", "query", "fits"),
    [
        ("predictions:history", {"status": "canceled"}, lambda row: row.status == "canceled"),
        ("predictions:history", {"model": "catboost"}, lambda row: row.model.slug == "catboost"),
        ("predictions:transactions", {"kind": "refund"}, lambda row: row.kind == "refund"),
    ],
)
def test_filters_show_what_fits_alone(
    alices: Client, bought: Bought, name: str, query: dict[str, str], fits: Callable[[Any], bool]
) -> None:
    bought()
    bought(model="catboost")
    cancel_prediction(bought(run=False))
    rows = alices.get(reverse(name), query).context["rows"]
    assert len(rows) == 1
    assert all(fits(row) for row in rows)


def test_a_filter_that_does_not_exist_shows_all(alices: Client, bought: Bought) -> None:
    bought(run=False)
    assert len(alices.get(reverse("predictions:history"), {"status": "\x00"}).context["rows"]) == 1


def test_spending_and_refunds_lead_to_their_prediction(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    cancel_prediction(prediction)
    text = alices.get(reverse("predictions:transactions")).content.decode()
    assert text.count(f'href="{reverse("predictions:detail", args=[prediction.pk])}"') == 2
