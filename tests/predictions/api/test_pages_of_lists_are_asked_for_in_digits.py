import pytest
from rest_framework.test import APIClient

from accounts.models import User
from tests.support.people import ApiClientFor, give_money

LISTS = ["predictions/", "transactions/"]


@pytest.fixture
def client(alice: User, api: ApiClientFor, catalog: None) -> APIClient:
    return api(alice)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "size", ["abc", "", "0", "-1", "+5", "1.0", "1e1", "1_0", " 5", "5 ", "٥", "５", "²", "\x00", "9" * 5000]
)
def test_a_bad_page_size(client: APIClient, path: str, size: str) -> None:
    answer = client.get(f"/api/v1/{path}", {"page_size": size})
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [
        ("page_size", "invalid")
    ]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("cursor", ["", "\x00", "x", "n", "p~", "n~~", "\u0661", "n" * 101, "n\ud7ff~1"])
def test_a_bad_cursor(client: APIClient, path: str, cursor: str) -> None:
    answer = client.get(f"/api/v1/{path}", {"cursor": cursor})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["cursor"]


@pytest.mark.parametrize(
    ("size", "rows"), [("1", 1), ("007", 7), ("100", 100), ("101", 100), ("9999999999", 100)]
)
def test_a_page_has_as_many_rows_as_asked_for_and_at_most_100(
    client: APIClient, alice: User, size: str, rows: int
) -> None:
    for _number in range(102):
        give_money(alice, 1)
    answer = client.get("/api/v1/transactions/", {"page_size": size})
    assert len(answer.json()["results"]) == rows
