import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.models import Prediction
from tests.support.html import Page
from tests.support.orders import Bought

SELECTED = reverse("predictions:selected")


@pytest.fixture
def two(bought: Bought) -> list[Prediction]:
    return [bought(loan_amnt=9_000), bought(loan_amnt=12_000, loan_grade="D")]


def ids(rows: list[Prediction]) -> dict[str, list[str]]:
    return {"id": [str(row.pk) for row in rows]}


def test_the_history_ticks_its_rows(reader: Client, two: list[Prediction]) -> None:
    page = Page(reader.get(reverse("predictions:history")))
    ticks = [one.attributes for one in page.all("input", type="checkbox", name="id")]
    assert {one["value"] for one in ticks} == {str(row.pk) for row in two}
    assert {one["form"] for one in ticks} == {"selection"}
    assert page.by_id("selection").attributes["action"] == SELECTED


def test_they_stand_side_by_side_with_what_differs(reader: Client, two: list[Prediction]) -> None:
    answer = reader.get(SELECTED, ids(two))
    words = [row.words for row in Page(answer).all("tr")]
    assert any("9,000 USD" in row and "12,000 USD" in row for row in words)
    assert any(all(f"{one.approval_probability:.1%}" in row for one in two) for row in words)
    # In what they agree, they are not compared.
    assert not [row for row in words if "Age" in row]
    assert len(answer.context["drawn"].suns) == 2


def test_on_a_phone_each_value_has_the_name_of_its_column(reader: Client, two: list[Prediction]) -> None:
    page = Page(reader.get(SELECTED, ids(two)))
    assert page.all("table", class_="table compact roomy stacked")
    cells = page.all("td", class_="number")
    assert {cell.attributes["data-label"][:2] for cell in cells} == {"1.", "2."}
    assert {f"/predictions/{row.pk}/" for row in two} <= page.links


def test_a_row_of_a_comparison_stands_for_its_parts(reader: Client, two: list[Prediction]) -> None:
    answer = reader.get(SELECTED, {"id": ",".join(str(row.pk) for row in two)})
    assert answer.context["rows"] == two


def test_they_are_downloaded_alone(reader: Client, two: list[Prediction], bought: Bought) -> None:
    bought()
    answer = reader.get(reverse("predictions:history-csv"), ids(two))
    lines = answer.getvalue().decode("utf-8-sig").splitlines()
    assert len(lines) == 3
    assert all(any(str(row.pk) in line for line in lines) for row in two)


def test_all_get_one_label(reader: Client, two: list[Prediction]) -> None:
    address = f"{SELECTED}?id={two[0].pk}&id={two[1].pk}"
    answer = reader.post(address, {"label": "October"}, follow=True)
    assert "2 predictions labeled." in answer.content.decode()
    assert set(Prediction.objects.values_list("label", "label_folded")) == {("October", "october")}


def test_a_label_that_is_none_changes_nothing(reader: Client, two: list[Prediction]) -> None:
    answer = reader.post(f"{SELECTED}?id={two[0].pk}", {"label": "x\ny"})
    assert answer.status_code == 422
    assert "one line without control characters" in answer.content.decode()
    assert set(Prediction.objects.values_list("label", flat=True)) == {""}


def test_those_of_others_are_not_there(bob: User, two: list[Prediction]) -> None:
    stranger = Client()
    stranger.force_login(bob)
    for method in (stranger.get, stranger.post):
        answer = method(f"{SELECTED}?id={two[0].pk}", {"label": "mine"} if method == stranger.post else {})
        assert answer.status_code == 302
    assert set(Prediction.objects.values_list("label", flat=True)) == {""}


@pytest.mark.parametrize(
    "query", ["", "?id=x", "?id=6a3f0b62-5a3e-4c0f-9d36-2f7d1f1f5b11", "?id=" + "1," * 5_000]
)
def test_nothing_ticked_leads_back(reader: Client, query: str) -> None:
    answer = reader.get(f"{SELECTED}{query}", follow=True)
    assert answer.redirect_chain[0][0] == reverse("predictions:history")
    assert "Select predictions first." in answer.content.decode()


def test_many_are_listed_without_a_drawing(reader: Client, bought: Bought) -> None:
    rows = [bought(loan_amnt=1_000 + number) for number in range(9)]
    answer = reader.get(SELECTED, ids(rows))
    assert answer.context["drawn"] is None
    assert answer.context["differences"] == []
    assert "Up to eight applications" in answer.content.decode()


def test_nothing_ticked_downloads_nothing(reader: Client, two: list[Prediction]) -> None:
    page = Page(reader.get(reverse("predictions:history")))
    hidden = [one.attributes["value"] for one in page.all("input", type="hidden", name="id")]
    assert hidden == [""]
    answer = reader.get(reverse("predictions:history-csv"), {"id": hidden})
    assert len(answer.getvalue().decode("utf-8-sig").splitlines()) == 1


def test_the_same_application_differs_in_nothing(reader: Client, bought: Bought) -> None:
    answer = reader.get(SELECTED, ids([bought(), bought(model="random-forest")]))
    assert "The applications are the same." in answer.content.decode()


def test_an_empty_label_removes_those_that_were(reader: Client, two: list[Prediction]) -> None:
    address = f"{SELECTED}?id={two[0].pk}"
    reader.post(address, {"label": "October"})
    assert "Label removed." in reader.post(address, {"label": ""}, follow=True).content.decode()
