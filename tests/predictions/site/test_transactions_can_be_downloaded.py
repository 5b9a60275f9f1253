import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from billing import services
from billing.models import Entry
from predictions.orders.comparisons import cancel_comparison, order_comparison
from predictions.orders.labels import rename_prediction
from predictions.orders.predictions import cancel_prediction
from predictions.scoring.schema import Applicant
from tests.support.html import Page
from tests.support.ledger import charge, clock_at
from tests.support.orders import Bought
from tests.support.page_checks import assert_usable
from tests.support.people import give_money

ADDRESS = reverse("predictions:transactions-csv")
# Headings of the file and names of the API.
COPIED = {
    "Amount": "amount",
    "Balance after": "balance_after",
    "Currency": "currency",
    "Refund of transaction": "reverses",
}


def table(answer: Any, delimiter: str = ",") -> list[dict[str, str]]:
    assert answer.status_code == 200
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text), delimiter=delimiter))


def test_it_says_what_the_api_says(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    cancel_prediction(prediction)
    bought()
    listed = alices.get("/api/v1/transactions/").json()["results"]
    rows = table(alices.get(ADDRESS))
    assert [row["Transaction ID"] for row in rows] == [entry["id"] for entry in listed]
    for row, entry in zip(rows, listed, strict=True):
        assert row["Time (UTC)"] == entry["created_at"]
        assert row["Type"] == str(Entry.Kind(entry["kind"]).label)
        for heading, name in COPIED.items():
            assert row[heading] == (entry[name] or "")
    of_prediction = [row["Type"] for row in rows if row["Prediction ID"] == str(prediction.pk)]
    assert of_prediction == ["Refund", "Charge"]


def test_it_is_written_as_the_reader_does(alices: Client, bought: Bought) -> None:
    """Russian spreadsheets expect semicolons between cells and commas before decimals."""
    bought()
    answer = alices.get(ADDRESS, headers={"Accept-Language": "ru"})
    charged, *_, paid_in = table(answer, ";")
    assert list(charged)[:5] == ["Время (UTC)", "Тип операции", "Сумма", "Баланс после", "Валюта"]
    assert (charged["Тип операции"], charged["Модель"]) == ("Списание", "Логистическая регрессия")
    assert (charged["Сумма"], charged["Баланс после"][-3:]) == ("-10,00", ",00")
    assert (paid_in["Тип операции"], paid_in["Сумма"]) == ("Пополнение", "100,00")


def test_notes_are_those_that_the_page_shows(alices: Client, alice: User, operator: User) -> None:
    services.adjust(user=alice, amount=5, reason="=a present", operator=operator, request_key="adjust")
    rows = table(alices.get(ADDRESS))
    assert [(row["Type"], row["Note"]) for row in rows] == [("Adjustment", "'=a present"), ("Top-up", "")]
    assert Entry.objects.get(kind="top_up").note, "the provider's reference, which is no customer's business"


def test_a_filter_goes_into_the_file_and_its_name(client: Client, alice: User) -> None:
    with clock_at("2026-10-31T23:59:59.999999Z"):
        give_money(alice, 100_00)
    with clock_at("2026-11-01T00:00:00Z"):
        give_money(alice, 50_00)
        charge(alice, 10_00)
    with clock_at("2026-11-20T12:00:00Z"):
        client.force_login(alice)
        for query, kinds, name in (
            ({}, ["Charge", "Top-up", "Top-up"], "transactions.csv"),
            ({"kind": "top_up"}, ["Top-up", "Top-up"], "transactions-top_up.csv"),
            ({"month": "2026-10"}, ["Top-up"], "transactions-2026-10.csv"),
            ({"kind": "charge", "month": "2026-11"}, ["Charge"], "transactions-charge-2026-11.csv"),
            ({"kind": "refund", "month": ""}, [], "transactions-refund.csv"),
        ):
            answer = client.get(ADDRESS, query)
            assert [row["Type"] for row in table(answer)] == kinds
            assert answer["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize(
    "query", [{"kind": "gift"}, {"month": "2026-13"}, {"month": "1999-01"}, {"kind": "\x00"}]
)
def test_a_file_of_what_there_is_not_is_not_found(alices: Client, query: dict[str, str]) -> None:
    """A file named after one month must not contain the transactions of all months."""
    assert alices.get(ADDRESS, query).status_code == 404


def test_nobody_gets_somebody_elses(client: Client, alice: User, bob: User) -> None:
    give_money(alice, 100_00)
    client.force_login(bob)
    assert table(client.get(ADDRESS)) == []


def test_a_long_history_takes_as_many_queries_as_a_short_one(alices: Client, bought: Bought) -> None:
    def queries() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as captured:
            rows = table(alices.get(ADDRESS))
        return len(rows), len(captured)

    bought()
    few = queries()
    for _ in range(10):
        cancel_prediction(bought(run=False))
    many = queries()
    assert many[0] == few[0] + 30
    assert many[1] == few[1]


def test_it_says_what_was_bought(alices: Client, alice: User, applicant: Applicant) -> None:
    give_money(alice, 200_00)
    comparison = order_comparison(user=alice, applicant=applicant, request_key="key", label="=Иванов")
    cancel_comparison(comparison)
    *bought, paid_in, _ = table(alices.get(ADDRESS))
    assert {row["Label"] for row in bought} == {"'=Иванов"}
    assert {row["Comparison ID"] for row in bought} == {str(comparison.pk)}
    models = {str(part.pk): part.model.name for part in comparison.predictions.select_related("model")}
    assert sorted((row["Prediction ID"], row["Model"]) for row in bought) == sorted([*models.items()] * 2)
    assert (paid_in["Model"], paid_in["Label"], paid_in["Comparison ID"]) == ("", "", "")


def test_a_single_prediction_has_no_comparison(alices: Client, bought: Bought) -> None:
    bought(run=False)
    row = table(alices.get(ADDRESS))[0]
    assert (row["Model"], row["Label"], row["Comparison ID"]) == ("Logistic Regression", "", "")


@pytest.mark.parametrize("name", ["predictions:transactions", "predictions:statement"])
@pytest.mark.parametrize(
    ("language", "model"), [("en", "Logistic Regression"), ("ru", "Логистическая регрессия")]
)
def test_the_pages_say_it_too(
    alices: Client, bought: Bought, applicant: Applicant, name: str, language: str, model: str
) -> None:
    prediction = bought(run=False)
    rename_prediction(prediction, "<b>Ivanov</b>")
    cancel_prediction(prediction)
    comparison = order_comparison(user=prediction.user, applicant=applicant, request_key="key")
    answer = alices.get(reverse(name), headers={"Accept-Language": language})
    page = Page(answer)
    shown = page.all("a", href=reverse("predictions:detail", args=[prediction.pk]))
    assert [link.words for link in shown] == [f"{model}: <b>Ivanov</b>"] * 2, "charge and refund"
    assert "<b>Ivanov" not in answer.content.decode()
    parts = page.all("a", href=reverse("predictions:comparison", args=[comparison.pk]))
    assert len(parts) == 3
    assert_usable(answer)
