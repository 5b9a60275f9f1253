"""A few choices are radio buttons, amounts are grouped, and what follows from others is no input."""

import pytest
from django.test import Client
from django.urls import reverse

from predictions.models import Prediction
from predictions.scoring.schema import FIELDS, SHARE_FIELD, ChoiceField
from tests.support.customers import Form
from tests.support.html import Page

NEW, COMPARE = reverse("predictions:new"), reverse("predictions:comparison-new")


@pytest.mark.parametrize("field", [field for field in FIELDS if isinstance(field, ChoiceField)], ids=str)
@pytest.mark.parametrize("address", [NEW, COMPARE])
def test_up_to_four_choices_are_radio_buttons(alices: Client, address: str, field: ChoiceField) -> None:
    page = Page(alices.get(address, follow=True))
    radios = page.all("input", type="radio", name=field.name)
    few = len(field.choices) <= 4
    assert [radio.attributes["value"] for radio in radios] == (list(field.values) if few else [])
    assert not [radio for radio in radios if "checked" in radio.attributes]
    group = page.by_id(f"id_{field.name}")
    assert group.tag == ("fieldset" if few else "select")
    assert group.attributes.get("role") == ("radiogroup" if few else None)
    described = group.attributes.get("aria-describedby", "").split()
    assert (f"id_{field.name}_helptext" in described) == bool(field.help)


def test_the_chosen_ones_are_checked(alices: Client, form: Form) -> None:
    page = Page(alices.post(NEW, form | {"person_age": "7", "person_home_ownership": "OWN"}))
    checked = {
        radio.attributes["name"]: radio.attributes["value"]
        for radio in page.all("input", type="radio")
        if "checked" in radio.attributes
    }
    assert checked["person_home_ownership"] == "OWN"
    assert checked["cb_person_default_on_file"] == "N"


@pytest.mark.parametrize(("language", "shown"), [("en", "68,000"), ("ru", "68\u00a0000")])
def test_amounts_are_grouped_as_the_reader_writes_them(alices: Client, language: str, shown: str) -> None:
    page = Page(alices.get(NEW, {"example": "1"}, follow=True, headers={"Accept-Language": language}))
    assert page.value_of("person_income") == shown


@pytest.mark.parametrize(
    ("language", "typed", "shown"),
    [
        ("en", "12000", "12,000"),
        ("en", "12 000", "12,000"),
        ("ru", "12000", "12\u00a0000"),
        ("ru", "12,000", "12,000"),
        ("en", "12.000", "12.000"),
        ("en", "$12000", "$12000"),
        ("en", "12000.5", "12000.5"),
        ("en", "012000", "012000"),
        ("en", "many", "many"),
        ("en", "0", "0"),
        ("en", "", ""),
        ("en", "9" * 39, "9" * 39),
    ],
)
def test_what_was_typed_is_grouped_if_it_has_one_meaning(
    alices: Client, form: Form, language: str, typed: str, shown: str
) -> None:
    wrong = form | {"person_age": "7", "person_income": typed}
    page = Page(alices.post(NEW, wrong, headers={"Accept-Language": language}))
    assert page.value_of("person_income") == shown


def test_groups_are_read_in_the_language_of_the_review(alices: Client, form: Form) -> None:
    sent = form | {"loan_amnt": "12,000", "person_age": "95"}
    review = alices.post(NEW, sent, headers={"Accept-Language": "en"})["Location"]
    page = Page(alices.get(review, headers={"Accept-Language": "ru"}))
    assert page.value_of("loan_amnt") == "12000"
    back = page.all("form", class_="order")[0].attributes["action"]
    edited = Page(alices.get(back, headers={"Accept-Language": "ru"}))
    assert edited.value_of("loan_amnt") == "12\u00a0000"


@pytest.mark.parametrize(
    ("language", "query", "shown"),
    [("en", "example", "13.2%"), ("ru", "example", "13,2\u00a0%"), ("en", "nothing", "—")],
)
def test_the_share_is_shown_in_percent(alices: Client, language: str, query: str, shown: str) -> None:
    page = Page(alices.get(NEW, {query: "1"}, follow=True, headers={"Accept-Language": language}))
    share = page.by_id(f"id_{SHARE_FIELD}")
    assert (share.tag, share.words.replace(" ", "\u00a0")) == ("output", shown)


def test_the_share_is_shown_after_errors_with_its_warning(alices: Client, form: Form) -> None:
    page = Page(alices.post(NEW, form | {"person_age": "7", "loan_amnt": "61,200"}))
    assert page.by_id(f"id_{SHARE_FIELD}").words == "90.0%"
    assert "83%" in page.by_id(f"id_{SHARE_FIELD}_caution").words
    assert "Loan to yearly income" in page.all("aside")[0].words


def test_a_share_that_is_too_large_is_told_beside_the_amount(alices: Client, form: Form) -> None:
    page = Page(alices.post(NEW, form | {"loan_amnt": "680,001"}))
    assert "10 times" in page.by_id("id_loan_amnt_error").words
    assert not page.by_id(f"id_{SHARE_FIELD}_caution").words


def test_a_share_that_is_sent_is_not_read(alices: Client, form: Form) -> None:
    assert alices.post(NEW, form | {SHARE_FIELD: "0.9"}).status_code == 302
    facts = Prediction.objects.get().facts
    assert facts[SHARE_FIELD] == 9_000 / 68_000


def test_no_range_is_shown_before_it_is_breached(alices: Client) -> None:
    page = Page(alices.get(NEW, {"example": "1"}, follow=True))
    assert not [caution for caution in page.all("p", class_="caution") if caution.words]
    assert "trained on" not in page.by_id("main").words
