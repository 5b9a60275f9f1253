from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.services import new_request_key
from predictions.jobs import worker
from predictions.models import Prediction
from predictions.orders.comparisons import order_comparison
from predictions.orders.predictions import cancel_prediction
from predictions.scoring.schema import Applicant
from tests.support.html import Page
from tests.support.orders import Bought
from tests.support.people import give_money

HISTORY = reverse("predictions:history")

Shown: TypeAlias = Callable[..., list[Prediction]]


@pytest.fixture
def shown(reader: Client) -> Shown:
    """`shown(status="failed")`: the rows of the page with this query."""

    def rows(**query: str) -> list[Prediction]:
        answer: Any = reader.get(HISTORY, query)
        assert answer.status_code == 200
        found: list[Prediction] = answer.context["rows"]
        return found

    return rows


@pytest.mark.parametrize("asked", ["ИВАНОВ", "иванов", "нов, кв", "  Иванов,   квартира "])
def test_a_label_is_found_by_any_part_in_any_case(bought: Bought, shown: Shown, asked: str) -> None:
    wanted = bought("Иванов, квартира", run=False)
    bought("Петров, квартира", run=False)
    bought(run=False)
    assert shown(label=asked) == [wanted]


@pytest.mark.parametrize(("label", "asked"), [("Семёнов", "СЕМЕНОВ"), ("Straße", "STRASSE"), ("Ёлкин", "ёл")])
def test_kinds_of_one_letter_are_one(bought: Bought, shown: Shown, label: str, asked: str) -> None:
    wanted = bought(label, run=False)
    assert shown(label=asked) == [wanted]


def test_letters_put_together_are_found_by_whole_ones(bought: Bought, shown: Shown) -> None:
    wanted = bought("Толсто\u0438\u0306", run=False)
    assert shown(label="толстой") == [wanted]


@pytest.mark.parametrize("wildcard", ["%", "_", "\\", "100%", "a_b"])
def test_wildcards_stand_for_themselves(bought: Bought, shown: Shown, wildcard: str) -> None:
    bought("100 axb", run=False)
    wanted = bought(f"it is {wildcard} here", run=False)
    assert shown(label=wildcard) == [wanted]


def test_nobody_finds_somebody_elses(bought: Bought, shown: Shown, bob: User) -> None:
    bought("Иванов", user=bob, run=False)
    assert shown(label="Иванов") == []
    assert shown() == []


def test_both_days_are_included_to_their_ends_in_utc(bought: Bought, shown: Shown) -> None:
    bought(at="2026-03-09T23:59:59.999999+00:00", run=False)
    first = bought(at="2026-03-10T00:00:00+00:00", run=False)
    last = bought(at="2026-03-11T23:59:59.999999+00:00", run=False)
    bought(at="2026-03-12T00:00:00+00:00", run=False)
    assert shown(since="2026-03-10", until="2026-03-11") == [last, first]
    assert shown(until="2026-03-10")[-1].created_at.isoformat().startswith("2026-03-09")
    assert shown(since="2026-03-11", until="2026-03-11") == [last]


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_the_ends_of_the_calendar_are_days(bought: Bought, shown: Shown, day: str) -> None:
    bought(run=False)
    assert len(shown(since="0001-01-01", until="9999-12-31")) == 1
    assert shown(since=day, until=day) == []


def test_all_filters_go_together(bought: Bought, shown: Shown) -> None:
    query = {
        "label": "иванов",
        "status": "succeeded",
        "model": "random-forest",
        "since": "2026-03-10",
        "until": "2026-03-10",
    }
    at = "2026-03-10T12:00:00+00:00"
    wanted = bought("Иванов", model="random-forest", at=at)
    bought("Петров", model="random-forest", at=at)
    bought("Иванов", at=at)
    bought("Иванов", model="random-forest", at="2026-03-11T12:00:00+00:00")
    cancel_prediction(bought("Иванов", model="random-forest", at=at, run=False))
    for sort in ("newest", "oldest", "highest", "lowest"):
        assert shown(**query, sort=sort) == [wanted]
    assert shown(**query | {"status": "failed"}, sort="highest") == []


def test_parts_of_comparisons_say_so_and_can_be_had_alone(
    reader: Client, alice: User, bought: Bought, shown: Shown, applicant: Applicant
) -> None:
    bought(run=False)
    give_money(alice, 200_00)
    comparison = order_comparison(user=alice, applicant=applicant, request_key=new_request_key())
    assert {row.comparison_id for row in shown(comparisons="on")} == {comparison.pk}
    assert len(shown(comparisons="on")) == 3
    link = reverse("predictions:comparison", args=[comparison.pk])
    # One row.
    assert len(Page(reader.get(HISTORY)).all("a", href=link)) == 1


@pytest.mark.parametrize(
    ("language", "words"), [("en", "Enter a valid date"), ("ru", "Введите правильную дату")]
)
def test_a_wrong_date_is_told_and_the_rest_still_filters(
    reader: Client, bought: Bought, language: str, words: str
) -> None:
    wanted = bought("Иванов", run=False)
    bought(run=False)
    answer = reader.get(
        HISTORY, {"since": "2026-02-30", "label": "иванов"}, headers={"Accept-Language": language}
    )
    page = Page(answer)
    assert words in page.by_id("id_since_error").words
    assert "open" in page.all("details", class_="more")[0].attributes
    assert answer.context["rows"] == [wanted]


def test_days_in_the_wrong_order_are_told(reader: Client, bought: Bought) -> None:
    bought(run=False)
    answer = reader.get(HISTORY, {"since": "2020-02-02", "until": "2020-02-01"})
    assert Page(answer).by_id("id_until_error").words
    assert len(answer.context["rows"]) == 1


@pytest.mark.parametrize(
    "query", [{"label": "\x00"}, {"label": "x" * 200}, {"sort": "x"}, {"model": "\x00"}, {"cursor": "n"}]
)
def test_nonsense_shows_all(shown: Shown, bought: Bought, query: dict[str, str]) -> None:
    bought(run=False)
    assert len(shown(**query)) == 1


def test_what_is_in_force_is_shown_and_goes_by_one_click(reader: Client, bought: Bought) -> None:
    bought("Иванов", model="random-forest", run=False)
    asked = {"label": "Иван", "model": "random-forest", "since": "2020-01-02", "sort": "oldest"}
    page = Page(reader.get(HISTORY, asked))
    chips = [chip for chip in page.all("a") if chip.attributes.get("class", "").startswith("chip")]
    names = [chip.words.split(" ×")[0] for chip in chips]
    assert names[:2] == ["Label: Иван", "Model: Random Forest"]
    assert "2020" in names[2]
    assert names[3:] == ["Show all"]
    assert chips[-1].attributes["href"] == HISTORY
    without = Page(reader.get(chips[0].attributes["href"]))
    assert without.value_of("label") == ""
    assert without.value_of("since") == "2020-01-02"


def test_nothing_that_fits_is_told_from_nothing_at_all(reader: Client, bought: Bought) -> None:
    assert reverse("predictions:new") + "?example=1" in Page(reader.get(HISTORY)).links
    bought(run=False)
    for query in ({"label": "nobody"}, {"sort": "lowest"}):
        page = Page(reader.get(HISTORY, query))
        assert "No predictions match this filter." in page.by_id("main").words


def test_each_row_can_be_repeated_with_its_label(reader: Client, bought: Bought) -> None:
    first, second = bought("Иванов", run=False), bought("Иванов", run=False)
    worker.score_queued()
    page = Page(reader.get(HISTORY))
    again = [page.all("a", href=f"{reverse('predictions:new')}?from={row.pk}")[0] for row in (first, second)]
    assert again[0].words != again[1].words, "each has a name of its own"
    form = Page(reader.get(again[0].attributes["href"], follow=True))
    assert form.value_of("label") == "Иванов"


def test_a_filter_of_days_is_written_like_every_date(reader: Client, bought: Bought) -> None:
    page = Page(reader.get(HISTORY, {"since": "2020-12-01"}))
    assert any("1 December 2020" in link.words for link in page.all("a"))


def test_a_search_that_is_too_long_is_told_like_a_label(reader: Client, bought: Bought) -> None:
    page = Page(reader.get(HISTORY, {"label": "x" * 101}))
    assert page.by_id("id_label_error").words.endswith("A label can have at most 100 characters.")
