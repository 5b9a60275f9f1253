from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.jobs import worker
from predictions.models import Comparison, Prediction
from predictions.orders.comparisons import order_comparison
from predictions.scoring.schema import Applicant
from predictions.site import history as site
from tests.support.html import Page
from tests.support.orders import Bought
from tests.support.people import give_money

HISTORY = reverse("predictions:history")


@pytest.fixture
def comparison(alice: User, applicant: Applicant) -> Comparison:
    give_money(alice, 500_00)
    made = order_comparison(user=alice, applicant=applicant, request_key="one", label="")
    worker.score_queued()
    return made


def test_a_comparison_is_one_row_with_all_its_suns(
    reader: Client, comparison: Comparison, bought: Bought
) -> None:
    bought()
    page = Page(reader.get(HISTORY))
    ticks = page.all("input", type="checkbox", name="id")
    assert len(ticks) == 2
    parts = {str(key) for key in comparison.predictions.values_list("pk", flat=True)}
    assert parts in [set(one.attributes["value"].split(",")) for one in ticks]
    assert reverse("predictions:comparison", args=[comparison.pk]) in page.links
    numbers = sorted(row.approval_probability or 0 for row in comparison.predictions.all())
    (row,) = [one.words for one in page.all("tr") if "All models" in one.words]
    assert f"{numbers[0]:.1%}" in row
    assert f"{numbers[-1]:.1%}" in row
    assert sum(comparison.predictions.values_list("price", flat=True)) // 100 == 128
    assert "128.00 USD" in row


def test_a_row_is_named_by_its_label_or_by_the_loan(reader: Client, bought: Bought) -> None:
    prediction = bought(loan_amnt=7_000, loan_intent="MEDICAL")
    detail = reverse("predictions:detail", args=[prediction.pk])
    (link,) = Page(reader.get(HISTORY)).all("a", href=detail)
    assert link.words.startswith("Medical care, 7,000 USD")
    Prediction.objects.update(label="Ivanov", label_folded="ivanov")
    (link,) = Page(reader.get(HISTORY)).all("a", href=detail)
    assert link.words.startswith("Ivanov")


@pytest.mark.parametrize(
    ("sort", "ordered", "probability"),
    [
        ("", ("descending", "oldest"), ("none", "highest")),
        ("oldest", ("ascending", "newest"), ("none", "highest")),
        ("highest", ("none", "newest"), ("descending", "lowest")),
        ("lowest", ("none", "newest"), ("ascending", "highest")),
    ],
)
def test_heads_sort(
    reader: Client, bought: Bought, sort: str, ordered: tuple[str, str], probability: tuple[str, str]
) -> None:
    bought()
    page = Page(reader.get(HISTORY, {"sort": sort, "status": "succeeded"}))
    heads = [one for one in page.all("th", scope="col") if "aria-sort" in one.attributes]
    assert [one.attributes["aria-sort"] for one in heads] == [probability[0], ordered[0]]
    for _now, following in (ordered, probability):
        assert any(
            link.startswith(f"{HISTORY}?") and f"sort={following}" in link and "status=succeeded" in link
            for link in page.links
        )


def test_it_says_how_many_match(reader: Client, bought: Bought, monkeypatch: pytest.MonkeyPatch) -> None:
    bought()
    bought(model="random-forest")
    assert "2 predictions" in Page(reader.get(HISTORY)).by_id("selection").words
    assert "1 prediction" in Page(reader.get(HISTORY, {"model": "random-forest"})).by_id("selection").words
    # No million rows are counted for a page.
    monkeypatch.setattr(site, "MAX_COUNTED", 1)
    assert "more than 1 predictions" in Page(reader.get(HISTORY)).by_id("selection").words


def arrange(groups: list[list[Prediction]], *, rising: bool) -> None:
    """Give the groups times and results by which they stand in this order; within a group they are equal."""
    for rank, group in enumerate(groups if rising else groups[::-1]):
        Prediction.objects.filter(pk__in=[row.pk for row in group]).update(
            created_at=datetime(2026, 3, 1, tzinfo=UTC) + timedelta(hours=rank),
            approval_probability=rank / 100,
        )


def walk(client: Client, address: str, way: str) -> list[list[Prediction]]:
    """The rows of all pages from an address on."""
    pages = []
    while address:
        context = client.get(address).context
        pages.append(context["rows"])
        address = context[way]
    return pages


@pytest.mark.parametrize("sort", ["newest", "oldest", "highest", "lowest"])
def test_no_end_of_a_page_cuts_a_comparison(
    reader: Client, alice: User, applicant: Applicant, bought: Bought, sort: str
) -> None:
    give_money(alice, 1_000_00)
    # The second one begins with the 24th row; it makes the first page longer, so that on the way back a page
    # would begin within the first one.
    compared = [
        order_comparison(user=alice, applicant=applicant, request_key=key, label="") for key in ("one", "two")
    ]
    singles = [[bought(run=False)] for _number in range(48)]
    worker.score_queued()
    first, second = (list(one.predictions.all()) for one in compared)
    arrange([first, *singles[:20], second, *singles[20:]], rising=sort in ("oldest", "lowest"))

    address = f"{HISTORY}?sort={sort}"
    forward = walk(reader, address, "next")
    assert [len(page) for page in forward] == [26, 25, 3]
    last = reader.get(reader.get(address).context["next"]).context["next"]
    backward = walk(reader, last, "previous")[::-1]
    assert [len(page) for page in backward] == [26, 25, 3]
    for pages in (forward, backward):
        shown = [row.pk for page in pages for row in page]
        assert len(set(shown)) == len(shown) == 54
        for parts in (first, second):
            assert {row.pk for row in parts} <= {row.pk for row in pages[0]}
    assert reader.get(address).content.decode().count(">All models") == 2
