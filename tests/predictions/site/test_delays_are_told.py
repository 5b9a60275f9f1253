"""Delayed orders: the texts on their pages and on the order forms."""

import re
import time
from datetime import datetime, timedelta

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing.services import new_request_key
from predictions.jobs import transitions, worker
from predictions.models import Comparison, Prediction
from predictions.orders import comparisons
from predictions.results import explanations
from predictions.scoring.schema import Applicant
from predictions.site.delays import backlog_seconds
from tests.support.broker import Broker
from tests.support.html import HTMX, Page
from tests.support.orders import Bought
from tests.support.page_checks import assert_obeys, assert_usable
from tests.support.people import give_money

WORDS = {"en": "is taking longer than usual", "ru": "больше времени, чем обычно"}
NEW, COMPARE = reverse("predictions:new"), reverse("predictions:comparison-new")


def wait(seconds: float) -> datetime:
    """Let all orders have waited for so long; since when."""
    at: datetime = timezone.now() - timedelta(seconds=seconds)
    Prediction.objects.pending().update(queued_at=at)
    return at


def address(prediction: Prediction) -> str:
    return reverse("predictions:detail", args=[prediction.pk])


@pytest.fixture
def compared(alice: User, catalog: None, applicant: Applicant) -> Comparison:
    give_money(alice, 1000_00)
    return comparisons.order_comparison(user=alice, applicant=applicant, request_key=new_request_key())


# Whatever second of its minute an order is queued in, what is promised is a minute that has not begun when
# the web role has refunded it.
@pytest.mark.parametrize("second", [0, 29, 49, 50, 51, 59])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_promises_result_or_refund_and_names_the_time(
    alices: Client, bought: Bought, language: str, second: int
) -> None:
    prediction, header = bought(run=False), {"Accept-Language": language}
    assert WORDS[language] not in alices.get(address(prediction), headers=header).content.decode()
    since = (timezone.now() - timedelta(minutes=2)).replace(second=second)
    Prediction.objects.update(queued_at=since)
    answer = alices.get(address(prediction), headers=header)
    page = Page(answer)
    told = page.all("div", class_="panel pending")[0].words
    assert WORDS[language] in told
    (by,) = [time for time in page.all("time") if time.attributes["data-local"] == "clock"]
    assert by.attributes["datetime"][11:16] == by.words.removesuffix(" UTC")
    named = datetime.fromisoformat(by.attributes["datetime"])
    settled = since + configured.DEADLINE + timedelta(seconds=configured.MONITOR_SECONDS)
    assert settled < named <= settled + timedelta(minutes=1)
    assert named.second == named.microsecond == 0
    assert page.all("form", action=reverse("predictions:cancel", args=[prediction.pk]))
    assert 'http-equiv="refresh" content="5"' in answer.content.decode(), "without JavaScript as well"
    assert_usable(answer)
    assert_obeys(answer)


def test_a_polling_page_learns_it_once(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    poll = Page(alices.get(address(prediction))).by_id("result").attributes["hx-get"]
    assert alices.get(poll, headers=HTMX).status_code == 204
    wait(6)
    answer = alices.get(poll, headers=HTMX)
    assert answer.status_code == 200
    assert WORDS["en"] in answer.content.decode()
    result = Page(answer).by_id("result").attributes
    assert result["hx-trigger"] == "every 2s"
    assert alices.get(result["hx-get"], headers=HTMX).status_code == 204, "and is not told again"
    worker.score_queued()
    done = alices.get(result["hx-get"], headers=HTMX)
    assert done.status_code == 200
    assert "hx-get" not in Page(done).by_id("result").attributes


def test_a_free_retry_is_not_promised_a_second_refund(alices: Client, bought: Bought, operator: User) -> None:
    prediction = bought(run=False)
    transitions.fail_all(Prediction.objects.filter(pk=prediction.pk), Prediction.Failure.DEADLINE)
    assert transitions.comp(Prediction.objects.get(pk=prediction.pk), operator)
    wait(6)
    told = Page(alices.get(address(prediction))).all("div", class_="panel pending")[0].words
    assert "already been refunded to your balance" in told
    assert "refunded automatically" not in told


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_comparison_says_it_too(alices: Client, compared: Comparison, language: str) -> None:
    header = {"Accept-Language": language}
    page = reverse("predictions:comparison", args=[compared.pk])
    poll = Page(alices.get(page, headers=header)).by_id("comparison").attributes["hx-get"]
    assert alices.get(poll, headers=HTMX | header).status_code == 204
    wait(6)
    answer = alices.get(poll, headers=HTMX | header)
    assert WORDS[language] in Page(answer).by_id("agreement").words
    assert re.search(r"\d\d:\d\d UTC", Page(answer).by_id("agreement").words)
    again = Page(answer).by_id("comparison").attributes["hx-get"]
    assert alices.get(again, headers=HTMX | header).status_code == 204
    assert_usable(alices.get(page, headers=header))


@pytest.mark.parametrize("form", [NEW, COMPARE])
@pytest.mark.parametrize(
    ("language", "seconds", "told"),
    [
        ("en", 21, r"has been waiting for 2\d seconds\."),
        ("en", 65, r"has been waiting for 1 minute\."),
        ("ru", 32, r"самый давний ждёт 3\d\sсекунд"),
        ("ru", 125, r"самый давний ждёт 2\sминуты\."),
    ],
)
def test_who_is_about_to_order_is_told_that_orders_wait(
    alices: Client, bought: Bought, form: str, language: str, seconds: int, told: str
) -> None:
    bought(run=False)
    header = {"Accept-Language": language}
    wait(9)
    assert not re.search(told, alices.get(form, headers=header, follow=True).content.decode())
    wait(seconds)
    answer = alices.get(form, headers=header, follow=True)
    assert re.search(told, answer.content.decode())
    assert ("You can cancel until" in answer.content.decode()) == (form == NEW and language == "en")
    assert_usable(answer)


def test_what_a_worker_has_taken_delays_nobody(alices: Client, bought: Bought) -> None:
    prediction = bought(run=False)
    assert worker.claim(Prediction.objects.queued(), 1)
    wait(20)
    prediction.refresh_from_db()
    assert prediction.status == Prediction.Status.RUNNING
    assert backlog_seconds() == 0


def test_orders_that_ended_or_can_never_be_settled_delay_nobody(alices: Client, bought: Bought) -> None:
    bought()
    bought(run=False)
    wait(configured.DEADLINE.total_seconds() + 1)
    assert "Orders are delayed" not in alices.get(NEW, follow=True).content.decode()
    assert backlog_seconds() == 0


# --- Explanations: they come later, and are not waited for without a word ----------------------


def asked_for(poll: str, seconds: int) -> str:
    """The poll of a page that has asked for so long."""
    return re.sub(r"since=\d+", f"since={int(time.time()) - seconds}", poll)


def part_of(prediction: Prediction) -> str:
    return reverse("predictions:explanation", args=[prediction.pk])


@pytest.mark.parametrize("fault", ["dead", "frozen"])
@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "explanation is delayed"), ("ru", "Объяснение задерживается")],
)
def test_nobody_to_ask_is_told_at_once(
    alices: Client, bought: Bought, own_broker: Broker, fault: str, language: str, words: str
) -> None:
    prediction, header = bought(), {"Accept-Language": language}
    if fault == "dead":
        own_broker.stop()
        section = Page(alices.get(address(prediction), headers=header)).by_id("explanation")
    else:
        with own_broker.frozen():
            section = Page(alices.get(address(prediction), headers=header)).by_id("explanation")
    assert words in section.words
    assert section.attributes["hx-trigger"] == "every 5s"
    if fault == "frozen":
        poll = section.attributes["hx-get"]
        assert alices.get(poll, headers=HTMX).status_code == 204, "the page has said it"
        explanations.explain_and_store([prediction])
        assert Page(alices.get(poll, headers=HTMX)).all("table", class_="waterfall")


def test_one_that_nobody_works_out_is_told_once_after_a_while(alices: Client, bought: Bought) -> None:
    prediction = bought()
    poll = Page(alices.get(address(prediction))).by_id("explanation").attributes["hx-get"]
    assert alices.get(poll, headers=HTMX).status_code == 204
    answer = alices.get(asked_for(poll, 15), headers=HTMX)
    assert "explanation is delayed" in answer.content.decode()
    again = Page(answer).by_id("explanation").attributes["hx-get"]
    assert alices.get(again, headers=HTMX).status_code == 204
    for nonsense in ("", "x", "-1", "9" * 5000, "\x00", "²"):
        query = {"since": nonsense, "seen": nonsense}
        assert "Calculating the explanation" in (
            alices.get(part_of(prediction), query, headers=HTMX).content.decode()
        )


def test_those_of_a_comparison_as_well(alices: Client, compared: Comparison, own_broker: Broker) -> None:
    worker.score_queued()
    page = reverse("predictions:comparison", args=[compared.pk])
    with own_broker.frozen():
        answer = alices.get(page)
    assert "The explanations are delayed" in answer.content.decode()
    poll = Page(answer).by_id("comparison").attributes["hx-get"]
    later = asked_for(poll, 15)
    assert alices.get(later, headers=HTMX).status_code == 204, "the page has said it"
    for part in compared.predictions.all():
        explanations.explain_and_store([part])
    done = Page(alices.get(later, headers=HTMX))
    assert "hx-get" not in done.by_id("comparison").attributes
