from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from predictions.models import Prediction
from predictions.orders.predictions import cancel_prediction
from tests.support.html import Page
from tests.support.orders import Bought

HISTORY = reverse("predictions:history")

AT = "2026-03-10T12:00:00.123456+00:00"
# Neither is a short decimal, and they differ in the last bit alone.
THIRD, NEXT = 1 / 3, 0.33333333333333337


@pytest.fixture
def many(bought: Bought) -> list[Prediction]:
    """More than two pages: the same moment and the same result many times, and some without a result."""
    rows = [
        bought(at=AT if number < 30 else "", approval=(THIRD, NEXT, 0.0, 1.0)[number // 30])
        for number in range(60)
    ]
    rows += [bought(approval=0.0), bought(approval=1.0)]
    for _ in range(3):
        cancel_prediction(bought(run=False))
    bought(run=False)
    return list(Prediction.objects.all())


def walk(client: Client, sort: str, way: str, start: str) -> tuple[list[list[Any]], str]:
    """The rows of each page from `start` on, and the address of the last page."""
    pages, address, last = [], start, start
    while address:
        last = address
        context = client.get(address).context
        pages.append(context["rows"])
        address = context[way]
    return pages, last


KEYS: dict[str, Callable[[Prediction], Any]] = {
    "newest": lambda row: (row.created_at, row.pk),
    "oldest": lambda row: (row.created_at, row.pk),
    "highest": lambda row: (row.approval_probability, row.pk),
    "lowest": lambda row: (row.approval_probability, row.pk),
}


@pytest.mark.parametrize("sort", KEYS)
def test_the_pages_meet_every_row_once_in_order_and_lead_back(
    reader: Client, many: list[Prediction], sort: str
) -> None:
    rows = [row for row in many if row.approval_probability is not None or sort in ("newest", "oldest")]
    assert len(rows) == (62 if sort in ("highest", "lowest") else 66)
    expected = sorted(rows, key=KEYS[sort], reverse=sort in ("newest", "highest"))
    pages, last = walk(reader, sort, "next", f"{HISTORY}?sort={sort}")
    assert [len(page) for page in pages][:2] == [25, 25]
    assert [row for page in pages for row in page] == expected
    back, _first = walk(reader, sort, "previous", last)
    assert back[::-1] == pages


def test_filters_and_order_stay_on_the_next_page(reader: Client, bought: Bought) -> None:
    for number in range(27):
        bought(f"Иванов {number}", run=False)
    bought("Петров", run=False)
    first = reader.get(HISTORY, {"label": "иванов", "sort": "oldest"})
    second = reader.get(first.context["next"])
    assert [row.label for row in second.context["rows"]] == ["Иванов 25", "Иванов 26"]
    page = Page(second)
    assert page.value_of("label") == "иванов"
    assert [option.attributes["value"] for option in page.all("option") if "selected" in option.attributes][
        -1
    ] == "oldest"


@pytest.mark.parametrize(
    ("sort", "names"),
    [
        ("", ("Newer", "Older")),
        ("newest", ("Newer", "Older")),
        ("oldest", ("Previous", "Next")),
        ("highest", ("Previous", "Next")),
        ("lowest", ("Previous", "Next")),
    ],
)
def test_the_links_are_named_for_the_order(
    reader: Client, many: list[Prediction], sort: str, names: tuple[str, str]
) -> None:
    first = reader.get(HISTORY, {"sort": sort})
    page = Page(reader.get(first.context["next"]))
    assert names[0] in page.all("a", rel="prev")[0].words
    assert names[1] in page.all("a", rel="next")[0].words


def test_an_order_by_result_says_what_it_leaves_out(reader: Client, bought: Bought) -> None:
    bought()
    note = "only predictions with a result"
    assert note in Page(reader.get(HISTORY, {"sort": "highest"})).by_id("main").words
    assert note not in Page(reader.get(HISTORY)).by_id("main").words


@pytest.mark.parametrize(
    "value", ["nan", "inf", "2", "nonsense", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", ""]
)
@pytest.mark.parametrize("sort", KEYS)
def test_a_bad_cursor_starts_over(reader: Client, bought: Bought, sort: str, value: str) -> None:
    bought()
    for way in ("n", "p"):
        answer = reader.get(HISTORY, {"sort": sort, "cursor": f"{way}{'0' * 32}{value}"})
        assert len(answer.context["rows"]) == 1
