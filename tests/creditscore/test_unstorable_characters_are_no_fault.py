"""PostgreSQL stores no NUL character. Whoever sends one learns that nothing is found, or what is wrong."""

from django.test import Client
from django.urls import reverse

from tests.support.addresses import OWN, PUBLIC

NUL = "%00"
IN_PATHS = [
    reverse("predictions:model-version", args=["catboost", "x"]).replace("/x/", f"/{NUL}/"),
    reverse("predictions:backtest", args=["catboost", "x"]).replace("/x/", f"/{NUL}/"),
    reverse("predictions:backtest-csv", args=["catboost", "x"]).replace("/x/", f"/{NUL}/"),
    reverse("predictions:shared", args=["x"]).replace("/x/", f"/{NUL}/"),
]
PARAMETERS = (
    "label",
    "status",
    "model",
    "outcome",
    "sort",
    "since",
    "until",
    "comparisons",
    "decision",
    "cursor",
    "id",
    "q",
    "kind",
    "seen",
    "next",
    "code",
    "amount",
    "form",
    "copy",
    "example",
    "version",
    "year",
    "month",
    "page",
)


def test_in_a_path_it_is_of_nothing(alices: Client) -> None:
    assert {address: alices.get(address).status_code for address in IN_PATHS} == dict.fromkeys(IN_PATHS, 404)


def test_in_a_query_no_page_fails(alices: Client) -> None:
    query = "&".join(f"{name}={NUL}" for name in PARAMETERS)
    pages = [address.partition("?")[0] for address in (*PUBLIC, *OWN)]
    failed = [page for page in pages if alices.get(f"{page}?{query}").status_code >= 500]
    assert failed == []
