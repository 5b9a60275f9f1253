import pytest
from django.test import Client

from accounts.models import User
from billing.models import Entry
from billing.services import new_request_key
from tests.support.people import PASSWORD

ELSEWHERE = [
    "home",
    "nowhere",
    "https://example.org/",
    "//example.org/",
    "\\\\example.org",
    "javascript:alert(1)",
]


@pytest.mark.parametrize("wanted", ELSEWHERE)
def test_whatever_else_it_says_leads_to_the_usual_page(alice: User, wanted: str) -> None:
    client, credentials = Client(), {"username": "alice", "password": PASSWORD, "next": wanted}
    assert client.post("/account/login/", credentials)["Location"] == "/dashboard/"
    top_up = {"amount": "5", "request_key": new_request_key(), "next": wanted}
    assert client.post("/wallet/top-up/", top_up)["Location"] == "/wallet/transactions/"
    assert Entry.objects.count() == 1


def test_a_path_is_followed(alice: User) -> None:
    credentials = {"username": "alice", "password": PASSWORD, "next": "/predictions/?status=failed"}
    assert Client().post("/account/login/", credentials)["Location"] == "/predictions/?status=failed"
