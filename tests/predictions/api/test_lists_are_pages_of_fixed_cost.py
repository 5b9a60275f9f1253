import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from billing.models import Entry
from predictions.models import Prediction, ScoringModel
from predictions.orders.predictions import order_prediction
from predictions.scoring.schema import Applicant
from tests.support.people import ApiClientFor, give_money


@pytest.fixture
def history(alice: User, applicant: Applicant, catalog: None) -> list[str]:
    """Sixty predictions, the newest first."""
    give_money(alice, 10_000_00)
    model = ScoringModel.objects.get(slug="logistic-regression")
    for number in range(60):
        order_prediction(user=alice, model=model, applicant=applicant, request_key=f"{number}")
    return [str(pk) for pk in Prediction.objects.order_by("-created_at").values_list("pk", flat=True)]


@pytest.mark.parametrize("things", ["predictions", "transactions"])
def test_following_next_meets_everything_once(
    alice: User, api: ApiClientFor, history: list[str], things: str
) -> None:
    client, met, address = api(alice), [], f"/api/v1/{things}/?page_size=7"
    while address:
        page = client.get(address).json()
        met += [row["id"] for row in page["results"]]
        address = page["next"]
    if things == "predictions":
        assert met == history
    else:
        assert met == [str(pk) for pk in Entry.objects.order_by("-pk").values_list("public_id", flat=True)]


@pytest.mark.parametrize("things", ["predictions", "transactions"])
def test_a_page_has_25_rows_without_a_size(
    alice: User, api: ApiClientFor, history: list[str], things: str
) -> None:
    assert len(api(alice).get(f"/api/v1/{things}/").json()["results"]) == 25


@pytest.mark.parametrize("things", ["predictions", "transactions"])
def test_a_page_holds_a_hundred_rows_at_most(
    alice: User, api: ApiClientFor, history: list[str], things: str
) -> None:
    client = api(alice)
    sizes = {}
    for size in (2, 50, 5000):
        with CaptureQueriesContext(connection) as queries:
            rows = client.get(f"/api/v1/{things}/?page_size={size}").json()["results"]
        sizes[size] = (len(rows), len(queries))
    assert sizes[2][0] == 2
    assert sizes[5000][0] <= 100
    assert sizes[2][1] == sizes[50][1] == sizes[5000][1]
