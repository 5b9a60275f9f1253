"""`results.csv` speaks the language of the upload, `errors.csv` that of its reader; codes have none."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.batches import scoring
from predictions.models import Batch
from predictions.orders.batches import cancel_batch, confirm_batch
from tests.support.batches import rows_of, score_all, sent, table
from tests.support.people import ApiClientFor, give_money
from tests.support.scored_files import HEADER, some_rows

GOOD, OTHER = some_rows(2)
# One wrong cell for each of the eleven fields, and what is wrong with it.
WRONG = {
    "person_age": ("17", "out_of_bounds"),
    "person_income": ("much", "not_a_number"),
    "person_home_ownership": ("TENT", "invalid_choice"),
    "person_emp_length": ("81", "out_of_bounds"),
    "loan_intent": ("BOAT", "invalid_choice"),
    "loan_grade": ("H", "invalid_choice"),
    "loan_amnt": ("9000.5", "not_an_integer"),
    "loan_int_rate": ("101", "out_of_bounds"),
    "cb_person_default_on_file": ("maybe", "invalid_choice"),
    "cb_person_cred_hist_length": ("", "required"),
    "loan_percent_income": ("9", "contradiction"),
}
COLUMNS = [*HEADER, "loan_percent_income"]
WORDS = {"en": "Choose one of: A, B, C", "ru": "Выберите одно из\u00a0значений: A, B, C"}

pytestmark = pytest.mark.usefixtures("catalog", "own_files", "small_chunks")


def content() -> bytes:
    rows = [[*GOOD, ""], [*OTHER, ""]]
    for name, (cell, _code) in WRONG.items():
        row = [*GOOD, ""]
        row[COLUMNS.index(name)] = cell
        rows.append(row)
    return table(rows, COLUMNS)


def by_api(alice: User, api: ApiClientFor, language: str) -> Batch:
    form = {"file": sent(content()), "model": "logistic-regression"}
    headers = {"Accept-Language": language}
    answer = api(alice).post("/api/v1/batches/", form, format="multipart", headers=headers)
    assert answer.status_code == 201, answer.json()
    return Batch.objects.get()


def by_page(client: Client, language: str) -> Batch:
    form = {"file": sent(content()), "model": "logistic-regression"}
    headers = {"Accept-Language": language}
    assert client.post(reverse("predictions:batch-new"), form, headers=headers).status_code == 302
    return Batch.objects.get()


def problems(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("way", ["api", "page"])
def test_every_wrong_cell_is_named(
    alice: User, alices: Client, api: ApiClientFor, way: str, language: str
) -> None:
    batch = by_api(alice, api, language) if way == "api" else by_page(alices, language)
    assert (batch.rows, batch.valid_rows) == (13, 2)
    headers = {"Accept-Language": language}
    sent_file: Any
    if way == "api":
        sent_file = api(alice).get(f"/api/v1/batches/{batch.pk}/errors.csv", headers=headers)
    else:
        sent_file = alices.get(reverse("predictions:batch-errors", args=[batch.pk]), headers=headers)
    found = problems(sent_file.getvalue().decode())
    assert [(row["line"], row["field"], row["code"]) for row in found] == [
        (str(line), name, code) for line, (name, (_cell, code)) in enumerate(WRONG.items(), 4)
    ]
    assert WORDS[language] in found[5]["message"]
    cyrillic = ["а" <= letter <= "я" for row in found for letter in row["message"].lower()]
    assert any(cyrillic) == (language == "ru")


@pytest.mark.parametrize(("upload", "reader"), [("en", "ru"), ("ru", "en")])
def test_each_file_has_its_language(alice: User, api: ApiClientFor, upload: str, reader: str) -> None:
    give_money(alice, 100_00)
    batch = confirm_batch(by_api(alice, api, upload))
    score_all()
    results = rows_of(batch)
    assert WORDS[upload] in next(row["error"] for row in results if row["loan_grade"] == "H")
    for language in (reader, upload):
        headers = {"Accept-Language": language}
        errors = api(alice).get(f"/api/v1/batches/{batch.pk}/errors.csv", headers=headers)
        assert WORDS[language] in errors.getvalue().decode()


def test_what_was_canceled_says_so_in_the_same_language(alice: User, api: ApiClientFor) -> None:
    give_money(alice, 100_00)
    batch = confirm_batch(by_api(alice, api, "ru"))
    assert scoring.step()
    canceled = cancel_batch(batch)
    assert canceled.done > 0
    errors = [row["error"] for row in rows_of(canceled) if row["error"]]
    assert errors
    assert all(error.startswith("строка ") for error in errors)
