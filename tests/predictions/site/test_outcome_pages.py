"""Pages of outcomes: report, change and withdraw one, send a file, see the backtest, filter the history."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.models import Outcome
from predictions.outcomes.services import report_outcome
from tests.support.addresses import page_of
from tests.support.artifacts import SOLD_VERSION
from tests.support.batches import UploadFor, score_all, sent
from tests.support.html import Page
from tests.support.orders import Bought

TODAY = datetime.now(UTC).date()
REPAID = {"outcome": "repaid", "observed_on": str(TODAY)}


def test_an_outcome_is_reported_changed_and_withdrawn(reader: Client, bought: Bought) -> None:
    prediction = bought()
    address = reverse("predictions:outcome", args=[prediction.pk])
    answer = reader.post(address, REPAID)
    assert answer["Location"] == f"{page_of(prediction)}#outcome"
    page = reader.get(page_of(prediction)).content.decode()
    assert "Outcome saved." in page
    assert "<strong>Repaid</strong>, observed on" in page
    reader.post(address, REPAID | {"outcome": "defaulted"})
    page = reader.get(page_of(prediction)).content.decode()
    assert "<strong>Defaulted</strong>, observed on" in page
    assert "Reported before" in page
    reader.post(reverse("predictions:outcome-withdraw", args=[prediction.pk]))
    page = reader.get(page_of(prediction)).content.decode()
    assert "observed on" not in page
    assert not Outcome.objects.reported().exists()
    assert [row.result for row in Outcome.objects.get().former.order_by("pk")] == ["repaid", "defaulted"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"observed_on": str(TODAY)}, "Choose one."),
        ({"outcome": "paid", "observed_on": str(TODAY)}, "Select a valid choice"),
        ({"outcome": "repaid"}, "Enter a day."),
        (REPAID | {"observed_on": str(TODAY + timedelta(days=1))}, "This day is in the future."),
        (REPAID | {"observed_on": str(TODAY - timedelta(days=1))}, "The order is of "),
    ],
)
def test_bad_values_are_told_beside_the_form(
    reader: Client, bought: Bought, body: dict[str, str], text: str
) -> None:
    answer = reader.post(reverse("predictions:outcome", args=[bought().pk]), body)
    assert answer.status_code == 422
    assert text in answer.content.decode()
    assert not Outcome.objects.exists()


def test_other_peoples_predictions_do_not_exist(reader: Client, bought: Bought, bob: User) -> None:
    pk = bought(user=bob).pk
    for name in ("predictions:outcome", "predictions:outcome-withdraw"):
        assert reader.post(reverse(name, args=[pk]), REPAID).status_code == 404
    assert not Outcome.objects.exists()


def test_a_file_is_sent_and_its_errors_are_shown(reader: Client, bought: Bought) -> None:
    address, good = reverse("predictions:outcomes"), bought().pk
    content = f"id,outcome,observed_on\n{good},repaid,{TODAY}\nx,repaid,{TODAY}\n".encode()
    page = reader.post(address, {"file": sent(content)})
    assert page.status_code == 200
    text = Page(page).by_id("main").words
    assert "New: 1. Changed: 0. Reported before: 0. Not stored: 1." in text
    assert "Line 3, id: You have no prediction with the ID “x”." in text
    wrong = reader.post(address, {"file": sent(b"id\n")})
    assert wrong.status_code == 422
    assert "missing columns: outcome, observed_on" in wrong.content.decode()
    assert reader.post(address).status_code == 422


def test_rows_of_a_file_are_reported_on_a_page_of_their_own(
    reader: Client, alice: User, bob: User, paid: UploadFor
) -> None:
    batch, others = paid(alice), paid(bob)
    address = reverse("predictions:batch-outcomes", args=[batch.pk])
    assert reader.get(address).status_code == 404
    score_all()
    assert address in reader.get(reverse("predictions:batch", args=[batch.pk])).content.decode()
    content = f"line,outcome,observed_on\n2,defaulted,{TODAY}\n".encode()
    assert "New: 1." in reader.post(address, {"file": sent(content)}).content.decode()
    assert Outcome.objects.get().batch_id == batch.pk
    assert reader.get(reverse("predictions:batch-outcomes", args=[others.pk])).status_code == 404


def test_the_template_is_what_a_file_should_be(reader: Client, bought: Bought) -> None:
    template = reader.get(reverse("predictions:outcome-template")).content.decode()
    header, example = template.splitlines()
    filled = f"{header}\n{bought().pk},{example.split(',')[1]},{TODAY}\n".encode()
    page = reader.post(reverse("predictions:outcomes"), {"file": sent(filled)})
    assert "New: 1." in page.content.decode()


def test_customers_see_the_backtest_of_their_own(
    reader: Client, bought: Bought, alice: User, bob: User
) -> None:
    for user, result in ((alice, "repaid"), (alice, "defaulted"), (bob, "defaulted")):
        report_outcome(bought(user=user, approval=0.75), result, TODAY, by=user)
    address = reverse("predictions:backtest", args=["logistic-regression", SOLD_VERSION])
    assert address in reader.get(reverse("predictions:outcomes")).content.decode()
    text = Page(reader.get(address)).by_id("main").words
    assert (
        "Too few outcomes for a judgment: 1 repaid and 1 defaulted. At least 100 of each are needed." in text
    )
    file = reader.get(reverse("predictions:backtest-csv", args=["logistic-regression", SOLD_VERSION]))
    rows = file.content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("Part,From,To,Loans,")
    assert rows[1].startswith("All,,,2,0.25,0.5,")
    assert reader.get(reverse("predictions:backtest", args=["catboost", SOLD_VERSION])).status_code == 404


def test_the_history_is_filtered_by_outcome(reader: Client, bought: Bought, alice: User) -> None:
    repaid, defaulted, unknown = (bought(name) for name in ("first", "second", "third"))
    report_outcome(repaid, "repaid", TODAY, by=alice)
    report_outcome(defaulted, "defaulted", TODAY, by=alice)
    history, file = reverse("predictions:history"), reverse("predictions:history-csv")
    for name, one in (("repaid", repaid), ("defaulted", defaulted), ("none", unknown)):
        for sort in ("newest", "highest"):
            page = reader.get(history, {"outcome": name, "sort": sort}).content.decode()
            others = {repaid, defaulted, unknown} - {one}
            assert page_of(one) in page
            assert not [other for other in others if page_of(other) in page]
            rows = b"".join(reader.get(file, {"outcome": name, "sort": sort})).decode()
            assert len(rows.splitlines()) == 2
    assert f"Repaid,{TODAY}" in b"".join(reader.get(file)).decode()
    assert "Repaid" in reader.get(history).content.decode()
