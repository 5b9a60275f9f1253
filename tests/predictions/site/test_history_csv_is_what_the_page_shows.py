import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from billing.services import new_request_key
from predictions.models import Prediction
from predictions.orders.comparisons import order_comparison
from predictions.orders.predictions import cancel_prediction
from predictions.scoring.schema import FIELDS, Applicant
from tests.support.orders import Bought
from tests.support.people import give_money

HISTORY = reverse("predictions:history")
CSV = reverse("predictions:history-csv")


def table(client: Client, language: str = "en", **query: str) -> list[dict[str, str]]:
    answer: Any = client.get(CSV, query, headers={"Accept-Language": language})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/csv")
    assert "attachment" in answer["Content-Disposition"]
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    delimiter = ";" if language == "ru" else ","
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), delimiter=delimiter))


def test_a_row_says_all(reader: Client, bought: Bought) -> None:
    prediction = bought('Иванов, "дом"', approval=0.998_688_000_000_02)
    row = table(reader)[0]
    assert list(row)[:4] == ["Prediction ID", "Label", "Ordered (UTC)", "Finished (UTC)"]
    assert list(row)[-len(FIELDS) :] == [field.label for field in FIELDS]
    assert row["Prediction ID"] == str(prediction.pk)
    assert row["Label"] == 'Иванов, "дом"'
    assert row["Ordered (UTC)"] == prediction.created_at.isoformat().replace("+00:00", "Z")
    assert row["Finished (UTC)"].endswith("Z")
    assert (row["Model"], row["Status"]) == ("Logistic Regression", "Completed")
    assert row["Version"] == prediction.model_version
    assert (row["Probability of approval"], row["Probability of default"]) == ("0.998688", "0.001312")
    assert (row["Price"], row["Currency"], row["Charge"]) == ("10.00", "USD", "charged")
    assert (row["Comparison ID"], row["Reason for failure"]) == ("", "")
    assert row["Loan amount"] == str(prediction.facts["loan_amnt"])
    assert (row["Housing"], row["Interest rate"]) == ("Pays a mortgage", "10.5")


def test_it_is_written_as_the_reader_does(reader: Client, bought: Bought) -> None:
    """Russian spreadsheets expect semicolons between cells and commas before decimals."""
    bought("Иванов", approval=0.998_688_000_000_02)
    row = table(reader, "ru")[0]
    assert list(row)[:4] == ["ID прогноза", "Пометка", "Заказан (UTC)", "Завершён (UTC)"]
    assert (row["Модель"], row["Статус"], row["Списание"]) == ("Логистическая регрессия", "Готово", "списано")
    assert (row["Вероятность одобрения"], row["Вероятность дефолта"]) == ("0,998688", "0,001312")
    assert (row["Стаж на текущем месте"], row["Кредит к годовому доходу"][:4]) == ("6,0", "0,13")
    assert (row["Цена"], row["Ставка"]) == ("10,00", "10,5")
    assert row["Заказан (UTC)"].endswith("Z")


def test_refunds_failures_and_comparisons_are_told(
    reader: Client, alice: User, bought: Bought, applicant: Applicant
) -> None:
    cancel_prediction(bought(run=False))
    give_money(alice, 200_00)
    comparison = order_comparison(user=alice, applicant=applicant, request_key=new_request_key())
    *parts, canceled = table(reader)
    assert (canceled["Status"], canceled["Charge"], canceled["Probability of approval"]) == (
        "Canceled",
        "refunded",
        "",
    )
    assert {part["Comparison ID"] for part in parts} == {str(comparison.pk)}
    Prediction.objects.filter(comparison__isnull=True).update(status="failed", failure="scoring_failed")
    assert table(reader, status="failed")[0]["Reason for failure"] == str(Prediction.Failure.SCORING.label)


@pytest.mark.parametrize("label", ["=1+1", "+7 999", "-кв", "@home", '=HYPERLINK("x")'])
def test_no_label_is_run_as_a_formula(reader: Client, bought: Bought, label: str) -> None:
    bought(label, run=False)
    assert table(reader)[0]["Label"] == f"'{label}"


@pytest.mark.parametrize("sort", ["newest", "oldest", "highest", "lowest"])
def test_it_has_all_pages_in_their_order(reader: Client, bought: Bought, sort: str) -> None:
    for number in range(30):
        bought("Иванов", approval=number % 7 / 10)
    bought("Петров")
    bought("Иванов", run=False)
    query = {"label": "иванов", "sort": sort}
    shown, address = [], f"{HISTORY}?label=иванов&sort={sort}"
    while address:
        context = reader.get(address).context
        shown += [str(row.pk) for row in context["rows"]]
        address = context["next"]
    assert [row["Prediction ID"] for row in table(reader, **query)] == shown
    assert len(shown) == (30 if sort in ("highest", "lowest") else 31)


def test_the_page_links_to_the_file_of_its_own_filter(reader: Client, bought: Bought) -> None:
    for number in range(30):
        bought(f"Иванов {number % 2}", run=False)
    first = reader.get(HISTORY, {"label": "иванов", "sort": "oldest"})
    second = reader.get(first.context["next"]).content.decode()
    assert f'href="{CSV}?label=%D0%B8%D0%B2%D0%B0%D0%BD%D0%BE%D0%B2&amp;sort=oldest"' in second


def test_nobody_gets_somebody_elses(reader: Client, bought: Bought, bob: User) -> None:
    bought(user=bob, run=False)
    assert table(reader) == []
    reader.logout()
    assert reader.get(CSV).status_code == 302


def test_it_takes_as_many_queries_for_many_rows_as_for_one(reader: Client, bought: Bought) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            table(reader)
        return len(captured)

    bought()
    few = queries()
    for _ in range(30):
        bought(run=False)
    assert queries() == few


@pytest.mark.parametrize("query", [{"since": "2026-13-99"}, {"status": "x"}, {"model": "x"}, {"sort": "x"}])
def test_a_wrong_filter_is_no_file_of_everything(
    reader: Client, bought: Bought, query: dict[str, str]
) -> None:
    bought(run=False)
    assert reader.get(CSV, query).status_code == 404


def test_nothing_of_it_stays_in_a_cache(reader: Client, bought: Bought) -> None:
    bought(run=False)
    for address in (HISTORY, CSV, reverse("predictions:transactions"), reverse("predictions:statement")):
        assert "no-store" in reader.get(address)["Cache-Control"]
