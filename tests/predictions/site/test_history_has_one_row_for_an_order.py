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
