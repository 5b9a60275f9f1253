import json

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.services import new_request_key, wallet_of
from predictions.models import MAX_FOLDED_LENGTH, MAX_LABEL_LENGTH, Comparison, Prediction
from predictions.orders.comparisons import order_comparison
from predictions.orders.labels import fold_label
from predictions.scoring.schema import Applicant
from tests.support.customers import Form
from tests.support.html import Page
from tests.support.orders import Bought
from tests.support.page_checks import assert_usable
from tests.support.people import PASSWORD, ApiClientFor, give_money
from tests.support.reviews import send

HISTORY = reverse("predictions:history")

NEW = reverse("predictions:new")
COMPARE = reverse("predictions:comparison-new")
BAD = {
    "x" * 101: ("A label can have at most 100 characters.", "В пометке не больше 100 символов."),
    "a\nb": ("one line without control", "одной строкой без управляющих"),
    "a\x00b": ("one line without control", "одной строкой без управляющих"),
    "a\u2028b": ("one line without control", "одной строкой без управляющих"),
}


def label_page(thing: Prediction | Comparison) -> str:
    name = "label" if isinstance(thing, Prediction) else "comparison-label"
    return reverse(f"predictions:{name}", args=[thing.pk])


def result_page(thing: Prediction | Comparison) -> str:
    name = "detail" if isinstance(thing, Prediction) else "comparison"
    return reverse(f"predictions:{name}", args=[thing.pk])


@pytest.fixture
def comparison(alice: User, catalog: None, applicant: Applicant) -> Comparison:
    give_money(alice, 200_00)
    return order_comparison(
        user=alice, applicant=applicant, request_key=new_request_key(), label="Иванов, дом"
    )


def test_an_order_takes_one_and_shows_it(alices: Client, form: Form) -> None:
    answer = alices.post(NEW, form | {"label": "  Иванов, <квартира>  "})
    prediction = Prediction.objects.get()
    assert prediction.label == "Иванов, <квартира>"
    page = Page(alices.get(answer["Location"]))
    assert page.all("h1")[0].words == "Иванов, <квартира>"
    assert page.all("title")[0].words.startswith("Иванов")
    assert "Иванов, <квартира>" in Page(alices.get(HISTORY)).all("table")[0].words


@pytest.mark.parametrize("label", BAD)
@pytest.mark.parametrize("address", [NEW, COMPARE])
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_bad_one_is_told_beside_its_field_and_charges_nothing(
    alices: Client,
    alice: User,
    form: Form,
    address: str,
    label: str,
    language: str,
) -> None:
    answer = alices.post(address, form | {"label": label, "price": ""}, headers={"Accept-Language": language})
    assert answer.status_code == 422
    page = Page(answer)
    assert BAD[label][language == "ru"] in page.by_id("id_label_error").words
    assert page.value_of("person_age") == form["person_age"], "what was typed is kept"
    assert wallet_of(alice).balance == 100_00


def test_the_same_form_again_gives_the_first_order_whatever_the_label(
    alices: Client,
    form: Form,
) -> None:
    first = alices.post(NEW, form | {"label": "Иванов"})
    assert alices.post(NEW, form | {"label": "Петров"})["Location"] == first["Location"]
    assert Prediction.objects.get().label == "Иванов"


def test_it_can_be_changed_and_taken_away(reader: Client, bought: Bought) -> None:
    prediction = bought("Иванов")
    here = reverse("predictions:detail", args=[prediction.pk])
    page = Page(reader.get(here))
    assert page.value_of("label") == "Иванов"
    assert page.all("form", action=label_page(prediction))
    answer = reader.post(label_page(prediction), {"label": " Петров "}, follow=True)
    assert answer.redirect_chain == [(here, 302)]
    assert Page(answer).all("h1")[0].words == "Петров"
    assert "Label saved." in Page(answer).by_id("main").words
    assert len(reader.get(HISTORY, {"label": "ПЕТРОВ"}).context["rows"]) == 1
    assert reader.get(HISTORY, {"label": "иванов"}).context["rows"] == []
    answer = reader.post(label_page(prediction), {"label": ""}, follow=True)
    assert "Label removed." in Page(answer).by_id("main").words
    assert Page(reader.get(here)).all("h1")[0].words == "Prediction"


@pytest.mark.parametrize("label", BAD)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_bad_change_changes_nothing(
    reader: Client, bought: Bought, comparison: Comparison, label: str, language: str
) -> None:
    for thing in (bought("Иванов"), comparison):
        answer = reader.post(label_page(thing), {"label": label}, headers={"Accept-Language": language})
        assert answer.status_code == 422
        page = Page(answer)
        assert BAD[label][language == "ru"] in page.by_id("id_label_error").words
        assert "open" in page.all("details", class_="renaming")[0].attributes
        assert page.all("h1")[0].words.startswith("Иванов")
        assert_usable(answer)


def test_parts_of_a_comparison_have_its_label_and_follow_it(reader: Client, comparison: Comparison) -> None:
    assert {part.label for part in comparison.predictions.all()} == {"Иванов, дом"}
    here = reverse("predictions:comparison", args=[comparison.pk])
    assert Page(reader.get(here)).all("h1")[0].words == "Иванов, дом"
    part = comparison.predictions.all()[0]
    reader.post(label_page(part), {"label": "одна часть"})
    assert Page(reader.get(here)).all("h1")[0].words == "Иванов, дом"
    answer = reader.post(label_page(comparison), {"label": "Семёнов"}, follow=True)
    assert answer.redirect_chain == [(here, 302)]
    assert Page(answer).all("h1")[0].words == "Семёнов"
    assert {part.label for part in comparison.predictions.all()} == {"Семёнов"}
    assert len(reader.get(HISTORY, {"label": "СЕМЕНОВ"}).context["rows"]) == 3


def test_the_form_of_a_comparison_takes_one(alices: Client, alice: User, form: Form) -> None:
    give_money(alice, 100_00)
    send(alices, COMPARE, form | {"label": "Иванов", "price": 128_00})
    assert Comparison.objects.get().label == "Иванов"
    assert Prediction.objects.filter(label="Иванов", label_folded="иванов").count() == 3


def test_somebody_elses_cannot_be_changed(
    client: Client, bob: User, bought: Bought, comparison: Comparison
) -> None:
    client.force_login(bob)
    prediction = bought("Иванов", run=False)
    for thing in (prediction, comparison):
        assert client.post(label_page(thing), {"label": "x"}).status_code == 404
        thing.refresh_from_db()
        assert thing.label.startswith("Иванов")


def test_asking_for_the_address_of_the_form_leads_to_its_page(
    reader: Client, bought: Bought, comparison: Comparison
) -> None:
    prediction = bought(run=False)
    assert reader.get(label_page(prediction))["Location"] == f"/predictions/{prediction.pk}/"
    assert reader.get(label_page(comparison))["Location"] == f"/comparisons/{comparison.pk}/"


@pytest.mark.parametrize("letter", ["\u0390", "\U0001d160", "ﬃ", "ﷺ", "ß", "İ"])
def test_the_longest_label_fits_the_columns(bought: Bought, reader: Client, letter: str) -> None:
    label = letter * MAX_LABEL_LENGTH
    prediction = bought(label, run=False)
    assert prediction.label == label
    assert len(fold_label(label)) <= MAX_FOLDED_LENGTH
    assert len(reader.get(HISTORY, {"label": label}).context["rows"]) == 1


def test_programs_order_with_one_and_change_it(
    alice: User, api: ApiClientFor, catalog: None, applicant: Applicant
) -> None:
    give_money(alice, 300_00)
    client = api(alice)
    body = {"model": "logistic-regression", "applicant": applicant}
    assert client.post("/api/v1/predictions/", body, format="json").json()["label"] == ""
    ordered = client.post("/api/v1/predictions/", body | {"label": " Иванов "}, format="json").json()
    assert ordered["label"] == "Иванов"
    address = f"/api/v1/predictions/{ordered['id']}/"
    changed = client.patch(address, {"label": "Петров"}, format="json")
    assert changed.status_code == 200
    assert changed.json() == client.get(address).json()
    assert changed.json()["label"] == "Петров"
    assert client.patch(address, {"label": ""}, format="json").json()["label"] == ""
    compared = client.post(
        "/api/v1/comparisons/", {"applicant": applicant, "label": "Дом"}, format="json"
    ).json()
    assert compared["label"] == "Дом"
    assert {part["label"] for part in compared["predictions"]} == {"Дом"}
    address = f"/api/v1/comparisons/{compared['id']}/"
    changed = client.patch(address, {"label": " Сад "}, format="json")
    assert changed.status_code == 200
    assert changed.json() == client.get(address).json()
    labels = [part["label"] for part in changed.json()["predictions"]]
    assert (changed.json()["label"], labels) == ("Сад", ["Сад", "Сад", "Сад"])


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("x" * 101, "max_length"),
        ("a\nb", "unfit_characters"),
        ("a\x00b", "unfit_characters"),
        ("a\ud800b", "unfit_characters"),
        (7, "invalid"),
        (True, "invalid"),
        (None, "null"),
        (["x"], "invalid"),
    ],
)
def test_programs_learn_what_is_wrong_with_one(
    alice: User, api: ApiClientFor, bought: Bought, applicant: Applicant, label: object, code: str
) -> None:
    client, prediction = api(alice), bought("Иванов", run=False)
    # Half of a pair can be sent as an escape alone.
    for method, path, rest in (
        (client.patch, f"predictions/{prediction.pk}/", {}),
        (client.post, "predictions/", {"model": "logistic-regression", "applicant": applicant}),
        (client.post, "comparisons/", {"applicant": applicant}),
    ):
        body = json.dumps({**rest, "label": label})
        answer = method(f"/api/v1/{path}", body, content_type="application/json")
        assert answer.status_code == 422
        assert [(bad["field"], bad["code"]) for bad in answer.json()["errors"]] == [("label", code)]
    assert Prediction.objects.get().label == "Иванов"


def test_programs_change_their_own_alone(
    alice: User, bob: User, api: ApiClientFor, bought: Bought, comparison: Comparison
) -> None:
    theirs = f"/api/v1/comparisons/{comparison.pk}/"
    assert api(bob).patch(theirs, {"label": "x"}, format="json").status_code == 404
    assert Comparison.objects.get().label == comparison.label
    address = f"/api/v1/predictions/{bought('Иванов', run=False).pk}/"
    assert api(bob).patch(address, {"label": "x"}, format="json").status_code == 404
    missing = api(alice).patch(address, {}, format="json")
    assert missing.status_code == 422
    assert missing.json()["errors"][0]["code"] == "required"
    assert Prediction.objects.get(comparison=None).label == "Иванов"


def test_what_was_typed_survives_an_ended_session(
    reader: Client, bought: Bought, comparison: Comparison
) -> None:
    for thing in (bought("Иванов", run=False), comparison):
        draft = Page(reader.get(result_page(thing))).value_of("draft_form")
        reader.session.flush()
        ended = Page(reader.post(label_page(thing), {"label": "Петров", "draft_form": draft}))
        kept = {
            name: ended.all("input", name=name)[-1].attributes["value"] for name in ("next", "form_draft")
        }
        back = reader.post(reverse("accounts:login"), {"username": "alice", "password": PASSWORD, **kept})
        page = Page(reader.get(back["Location"]))
        assert page.value_of("label") == "Петров"
        assert "open" in page.all("details", class_="renaming")[0].attributes
        thing.refresh_from_db()
        assert thing.label.startswith("Иванов")


def test_operators_do_not_see_it(client: Client, operator: User, bought: Bought) -> None:
    prediction = bought("Иванов", run=False)
    client.force_login(operator)
    for address in ("changelist", "change"):
        args = [prediction.pk] if address == "change" else []
        answer = client.get(reverse(f"admin:predictions_prediction_{address}", args=args))
        assert answer.status_code == 200
        assert "alice" in answer.content.decode()
        assert "Иванов" not in answer.content.decode()


@pytest.mark.parametrize("lookup", ["label__startswith", "label", "label_folded__contains"])
def test_operators_cannot_guess_it_letter_by_letter(
    client: Client, operator: User, bought: Bought, lookup: str
) -> None:
    bought("Иванов", run=False)
    client.force_login(operator)
    address = reverse("admin:predictions_prediction_changelist")
    answers = [client.get(address, {lookup: guess}) for guess in ("и", "x")]
    assert [answer.status_code for answer in answers] == [400, 400]
