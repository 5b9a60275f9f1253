"""What a page waits for may never come: it asks less and less often, and then says that it has stopped."""

import re
import time
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.polling import MAX_SECONDS
from billing.services import new_request_key
from predictions.jobs import worker
from predictions.models import Prediction
from predictions.orders.comparisons import order_comparison
from predictions.results.decisions import save_policy
from predictions.results.explanations import explain_and_store
from predictions.scoring.schema import Applicant
from tests.support.batches import UploadFor
from tests.support.html import HTMX, Page
from tests.support.orders import Bought
from tests.support.people import give_money
from tests.support.scored_files import some_rows

STOPPED = "this page no longer checks by itself"
POOR = {"loan_grade": "F", "person_home_ownership": "RENT", "cb_person_default_on_file": "Y"}


def ago(seconds: int) -> str:
    return str(int(time.time()) - seconds)


def refresh_of(page: Page) -> str:
    """Where and when the page goes by itself; "" if it stays."""
    found = [one.attributes.get("content", "") for one in page.all("meta", **{"http-equiv": "refresh"})]
    return found[0] if found else ""


@pytest.mark.parametrize("name", ["pdf", "notice"])
def test_whole_pages(reader: Client, alice: User, bought: Bought, name: str) -> None:
    save_policy(alice, approve_from=0.85, decline_below=0.6)
    prediction = bought(**POOR)
    address = reverse(f"predictions:{name}", args=[prediction.pk])
    first = refresh_of(Page(reader.get(address)))
    assert re.fullmatch(rf"1;url={address}\?since=\d+", first)
    # Its next page knows how long this one has asked.
    assert refresh_of(Page(reader.get(first.partition("url=")[2]))) == first
    later = reader.get(address, {"since": ago(100)})
    assert refresh_of(Page(later)).startswith("16;")
    stopped = reader.get(address, {"since": ago(MAX_SECONDS + 1)})
    assert refresh_of(Page(stopped)) == ""
    assert STOPPED in stopped.content.decode()
    assert address in Page(stopped).links
    # Nothing else of the page changes.
    assert Page(stopped).all("pre") == []
    explain_and_store([prediction])
    done = reader.get(address, {"since": ago(MAX_SECONDS + 1)})
    assert done.status_code == 200
    assert b"no longer checks" not in done.content


def test_the_section_of_a_result(reader: Client, bought: Bought) -> None:
    prediction = bought()
    address = reverse("predictions:explanation", args=[prediction.pk])
    pauses = []
    for seconds in (0, 100, MAX_SECONDS + 1):
        answer = reader.get(address, {"since": ago(seconds)}, headers=HTMX)
        pauses.append(Page(answer).by_id("explanation").attributes.get("hx-trigger"))
    assert pauses == ["every 1s", "every 16s", None]
    assert STOPPED in answer.content.decode()
    assert reverse("predictions:detail", args=[prediction.pk]) in Page(answer).links


def test_a_comparison(reader: Client, alice: User, applicant: Applicant) -> None:
    give_money(alice, 1000_00)
    compared = order_comparison(user=alice, applicant=applicant, request_key=new_request_key())
    worker.score_queued()
    address = reverse("predictions:comparison", args=[compared.pk])
    triggers = []
    for seconds in (0, 100, MAX_SECONDS + 1):
        answer = reader.get(address, {"since": ago(seconds)}, headers=HTMX)
        triggers.append(Page(answer).by_id("comparison").attributes.get("hx-trigger"))
    assert triggers == ["every 1s", "every 16s", None]
    assert STOPPED in answer.content.decode()
    # Without JavaScript, a link takes the place of asking.
    assert "Reload the page to see it" in reader.get(address).content.decode()


def test_a_file_that_stands_still(reader: Client, alice: User, upload: UploadFor, own_files: Path) -> None:
    batch = upload(alice, some_rows(3))
    type(batch).objects.filter(pk=batch.pk).update(status="validating")
    address = reverse("predictions:batch", args=[batch.pk])
    poll = Page(reader.get(address)).by_id("batch").attributes["hx-get"]
    assert reader.get(poll, headers=HTMX).status_code == 204
    stopped = reader.get(re.sub(r"since=\d+", f"since={ago(MAX_SECONDS + 1)}", poll), headers=HTMX)
    assert "hx-get" not in Page(stopped).by_id("batch").attributes
    assert STOPPED in stopped.content.decode()
    assert refresh_of(Page(reader.get(address, {"seen": "validating-0-0.0", "since": "1"}))) == ""
    # One that goes on is asked for as in the beginning.
    moved = reader.get(address, {"seen": "queued-0-0.32", "since": "1"}, headers=HTMX)
    assert Page(moved).by_id("batch").attributes["hx-trigger"] == "every 1s"


def test_what_is_there_is_not_asked_for(reader: Client, bought: Bought) -> None:
    prediction = bought()
    explain_and_store([Prediction.objects.get(pk=prediction.pk)])
    answer = reader.get(reverse("predictions:detail", args=[prediction.pk]))
    assert "hx-get" not in Page(answer).by_id("explanation").attributes
