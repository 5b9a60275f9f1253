"""The pages of files, from the upload to one of its rows."""

import csv
import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.services import wallet_of
from predictions.models import Batch, ScoringModel
from predictions.site.batches.pages import SEARCHES
from tests.support.batches import BAD, UploadFor, now, score_all, sent, table
from tests.support.html import Page
from tests.support.page_checks import assert_usable
from tests.support.people import give_money
from tests.support.scored_files import HEADER, some_rows

ROWS = some_rows(6)
NEW = reverse("predictions:batch-new")

pytestmark = pytest.mark.usefixtures("own_files")


def send(client: Client, rows: list[list[str]], **more: str) -> Batch:
    form = {"file": sent(table(rows)), "model": "logistic-regression", **more}
    answer = client.post(NEW, form)
    assert answer.status_code == 302, answer.content.decode()
    batch = Batch.objects.latest("created_at")
    assert answer["Location"] == page_of(batch)
    return batch


def page_of(batch: Batch, action: str = "") -> str:
    name = f"predictions:batch-{action}" if action else "predictions:batch"
    return reverse(name, args=[batch.pk])


def test_the_way_of_a_file(alices: Client, alice: User) -> None:
    batch = send(alices, [*ROWS, BAD], label="Monday")
    page = alices.get(page_of(batch))
    assert_usable(page)
    words = Page(page).elements[0].words
    assert "Price of 6 rows" in words
    assert "Pay 60.00 USD" in words
    assert "What is wrong" in words
    assert re.search(r"valid until [^.]+ UTC\.", words), "no space before the period"
    assert wallet_of(alice).balance == 100_00

    answer = alices.post(page_of(batch, "confirm"), {"price": batch.price}, follow=True)
    assert_usable(answer)
    assert "Your file is in the queue" in answer.content.decode()
    assert "Cancel and get 60.00\u00a0USD back" in answer.content.decode()
    score_all()

    page = alices.get(page_of(batch))
    assert_usable(page)
    assert "Distribution of the probabilities" in page.content.decode()
    results = alices.get(page_of(batch, "results")).getvalue().decode()
    assert len(list(csv.DictReader(io.StringIO(results)))) == 7
    errors = alices.get(page_of(batch, "errors")).getvalue().decode()
    assert errors.startswith("line,field,code,message")
    assert "Monday" in alices.get(reverse("predictions:batches")).content.decode()


@pytest.mark.parametrize(("count", "named"), [(9, False), (10, True)])
def test_the_highest_and_the_lowest_of_few_rows_are_not_named(
    alices: Client, count: int, named: bool
) -> None:
    batch = send(alices, some_rows(count))
    alices.post(page_of(batch, "confirm"), {"price": batch.price})
    score_all()
    words = Page(alices.get(page_of(batch))).elements[0].words
    assert "Distribution of the probabilities" in words
    assert [text in words for text in ("Highest probability", "Lowest probability")] == [named] * 2


def test_paying_twice_pays_once(alices: Client, alice: User) -> None:
    batch = send(alices, ROWS)
    for _time in range(2):
        assert alices.post(page_of(batch, "confirm"), {"price": batch.price}).status_code == 302
    assert wallet_of(alice).balance == 40_00


@pytest.mark.parametrize("price", ["", "1", "x", "²"])
def test_only_the_price_that_was_shown_is_paid(alices: Client, alice: User, price: str) -> None:
    batch = send(alices, ROWS)
    answer = alices.post(page_of(batch, "confirm"), {"price": price}, follow=True)
    assert "The price has changed" in answer.content.decode()
    assert wallet_of(alice).balance == 100_00


def test_a_changed_price_is_asked_for_again(alices: Client, alice: User) -> None:
    batch = send(alices, ROWS)
    ScoringModel.objects.update(price=5_00)
    answer = alices.post(page_of(batch, "confirm"), {"price": batch.price}, follow=True)
    assert "The price has changed to 30.00\u00a0USD. Nothing was charged." in answer.content.decode()
    alices.post(page_of(batch, "quote"))
    assert "Pay 30.00\u00a0USD" in alices.get(page_of(batch)).content.decode()


def test_who_is_short_of_money_is_led_to_a_top_up_and_back(reader: Client) -> None:
    batch = send(reader, ROWS)
    page = Page(reader.get(page_of(batch)))
    assert any(
        link.startswith(f"/wallet/top-up/?next={page_of(batch)}") and link.endswith("amount=60.00")
        for link in page.links
    )
    answer = reader.post(page_of(batch, "confirm"), {"price": batch.price}, follow=True)
    assert "Your balance is 0.00\u00a0USD" in answer.content.decode()


def test_an_expired_price_can_be_renewed(alices: Client) -> None:
    batch = send(alices, ROWS)
    Batch.objects.update(expires_at=timezone.now())
    assert "Pay 60" not in alices.get(page_of(batch)).content.decode()
    alices.post(page_of(batch, "quote"))
    assert "Pay 60" in alices.get(page_of(batch)).content.decode()


@pytest.mark.usefixtures("small_chunks")
def test_canceling_says_what_was_refunded(alices: Client, alice: User) -> None:
    batch = send(alices, ROWS)
    alices.post(page_of(batch, "confirm"), {"price": batch.price})
    answer = alices.post(page_of(batch, "cancel"), follow=True)
    assert_usable(answer)
    assert "File canceled. 60.00\u00a0USD refunded to your balance." in answer.content.decode()
    again = alices.post(page_of(batch, "cancel"), follow=True)
    assert "File canceled." in again.content.decode()


def test_what_is_completed_cannot_be_canceled(alices: Client) -> None:
    batch = send(alices, ROWS)
    alices.post(page_of(batch, "confirm"), {"price": batch.price})
    score_all()
    assert "Too late to cancel" in alices.post(page_of(batch, "cancel"), follow=True).content.decode()


def test_a_poll_that_brings_nothing_new_is_empty(alices: Client, alice: User, upload: UploadFor) -> None:
    batch = upload(alice)
    alices.post(page_of(batch, "confirm"), {"price": batch.price})
    page = Page(alices.get(page_of(batch)))
    (address,) = [element.attributes["hx-get"] for element in page.elements if "hx-get" in element.attributes]
    assert alices.get(address, headers={"HX-Request": "true"}).status_code == 204
    score_all()
    news = alices.get(address, headers={"HX-Request": "true"})
    assert news.status_code == 200
    assert "hx-get" not in news.content.decode()


def test_a_row_is_found_by_its_reference_and_opened(alices: Client) -> None:
    batch = send(alices, ROWS)
    alices.post(page_of(batch, "confirm"), {"price": batch.price})
    score_all()
    page = Page(alices.get(page_of(batch), {"q": " LOAN 4 "}))
    link = reverse("predictions:batch-row", args=[batch.pk, 6])
    assert link in page.links
    row = alices.get(link)
    assert_usable(row)
    assert "loan 4" in row.content.decode()
    assert "What moved the probability" in row.content.decode()
    assert alices.get(reverse("predictions:batch-row", args=[batch.pk, 99])).status_code == 404
    assert "No scored row" in alices.get(page_of(batch), {"q": "nobody"}).content.decode()


def test_a_file_that_cannot_be_used_is_named(alices: Client) -> None:
    for content, text in ((b"a,b\n1,2\n", "missing columns"), (b"", "The file is empty.")):
        answer = alices.post(NEW, {"file": sent(content), "model": "catboost"})
        assert answer.status_code == 422
        assert_usable(answer)
        assert text in answer.content.decode()
    answer = alices.post(NEW, {"model": "catboost"})
    assert (answer.status_code, "Choose a file." in answer.content.decode()) == (422, True)


def test_a_failed_file_says_why(alices: Client) -> None:
    batch = send(alices, [BAD])
    page = alices.get(page_of(batch))
    assert_usable(page)
    assert "No row of the file can be scored." in page.content.decode()
    assert "Nothing was charged." in page.content.decode()


def test_transactions_say_what_was_paid(alices: Client, alice: User) -> None:
    batch = send(alices, ROWS, label="Monday")
    alices.post(page_of(batch, "confirm"), {"price": batch.price})
    alices.post(page_of(batch, "cancel"))
    page = alices.get(reverse("predictions:transactions")).content.decode()
    assert page.count(f'href="{page_of(batch)}"') == 2
    assert page.count("File “Monday”") == 2
    assert "6 rows" in page
    rows = list(
        csv.DictReader(
            io.StringIO(alices.get(reverse("predictions:transactions-csv")).getvalue().decode("utf-8-sig"))
        )
    )
    assert [row["File ID"] for row in rows] == [str(batch.pk)] * 2 + [""]
    assert [row["Rows of the file"] for row in rows] == ["6", "6", ""]


def test_the_template_can_be_uploaded(alices: Client) -> None:
    content = alices.get(reverse("predictions:batch-template")).content
    assert content.decode().splitlines()[0].split(",") == HEADER
    answer = alices.post(NEW, {"file": sent(content), "model": "logistic-regression"})
    assert answer.status_code == 302
    assert Batch.objects.get().valid_rows == 1


def test_files_of_others_are_not_there(alice: User, bob: User, client: Client, paid: UploadFor) -> None:
    batch = paid(alice)
    score_all()
    give_money(bob, 100_00)
    client.force_login(bob)
    for action in ("", "results", "errors", "confirm", "cancel", "quote"):
        assert client.get(page_of(batch, action)).status_code == 404
        assert client.post(page_of(batch, action)).status_code in (404, 405)
    assert client.get(reverse("predictions:batch-row", args=[batch.pk, 2])).status_code == 404
    assert now(batch).status == "completed"


def test_in_russian(alices: Client) -> None:
    batch = send(alices, [*ROWS, BAD])
    alices.cookies["language"] = "ru"
    page = alices.get(page_of(batch), headers={"Accept-Language": "ru"})
    assert_usable(page)
    assert "Оплатить" in page.content.decode()


def test_searches_are_limited(alices: Client, alice: User, paid: UploadFor) -> None:
    batch = paid(alice, ROWS)
    score_all()
    # The window may end in between.
    answers = [alices.get(page_of(batch), {"q": "rent"}) for _number in range(2 * SEARCHES.attempts + 1)]
    assert answers[0].status_code == 200
    refused = next(answer for answer in answers if answer.status_code == 429)
    assert "Retry-After" in refused
    assert alices.get(page_of(batch)).status_code == 200


def test_the_form_names_the_column_that_it_recalculates(reader: Client) -> None:
    page = Page(reader.get(reverse("predictions:batch-new"), follow=True))
    [label] = [label.words for label in page.all("label") if "recalculate" in label.words]
    assert "loan_percent_income" in label
