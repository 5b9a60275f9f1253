import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from billing.services import wallet_of
from predictions.models import Prediction
from predictions.scoring.schema import FIELDS_BY_NAME, ChoiceField
from predictions.site.forms.applicant import TYPED
from tests.support.customers import Form
from tests.support.html import Page

NEW = reverse("predictions:new")
FIELDS = [FIELDS_BY_NAME[name] for name in TYPED]
WRONG = [
    *((field.name, "nonsense") for field in FIELDS),
    *((field.name, "NaN") for field in FIELDS),
    *((field.name, "1e999") for field in FIELDS),
    *((field.name, "\x00") for field in FIELDS if field.name != "model"),
    *((field.name, "-1") for field in FIELDS),
    *((field.name, "9" * 5000) for field in FIELDS),
    *((field.name, "") for field in FIELDS if isinstance(field, ChoiceField)),
    ("person_income", "68.000"),
    ("loan_amnt", "9.000"),
    ("person_age", "17"),
    ("person_age", "101"),
    ("person_income", "0"),
    ("person_emp_length", "33"),
    ("cb_person_cred_hist_length", "33"),
    ("loan_int_rate", "100.1"),
    # More than ten times the income.
    ("loan_amnt", "680001"),
]


@pytest.mark.parametrize(("field", "value"), WRONG, ids=lambda value: str(value)[:20])
def test_the_field_is_named_and_nothing_is_charged(
    alices: Client, alice: User, form: Form, field: str, value: str
) -> None:
    answer = alices.post(NEW, form | {field: value})
    assert answer.status_code == 422
    page = Page(answer)
    assert page.by_id(f"id_{field}_error").words
    assert f"#id_{field}" in page.links, "the summary leads to the field"
    shown = page.by_id(f"id_{field}")
    assert shown.attributes["aria-invalid"] == "true"
    assert f"id_{field}_error" in shown.attributes["aria-describedby"].split()
    assert not Prediction.objects.exists()
    assert wallet_of(alice).balance == 100_00


@pytest.mark.parametrize("model", ["", "nonsense", "\x00"])
def test_an_unknown_model_is_refused(alices: Client, alice: User, form: Form, model: str) -> None:
    answer = alices.post(NEW, form | {"model": model})
    assert answer.status_code == 422
    assert Page(answer).by_id("id_model_error").words
    assert wallet_of(alice).balance == 100_00


def test_several_are_named_at_once_and_the_good_ones_are_kept(alices: Client, form: Form) -> None:
    page = Page(alices.post(NEW, form | {"person_age": "7", "loan_grade": "Z", "loan_amnt": "1234"}))
    assert {"#id_person_age", "#id_loan_grade"} <= page.links
    assert page.value_of("loan_amnt") == "1,234"


def test_the_reader_is_told_in_russian(alices: Client, form: Form) -> None:
    answer = alices.post(NEW, form | {"person_age": "7"}, headers={"Accept-Language": "ru"})
    assert "от 18 до 100" in Page(answer).by_id("id_person_age_error").words


@pytest.mark.parametrize(
    ("language", "told"), [("en", "from 1 to 10,000,000"), ("ru", "от\u00a01 до\u00a010\u00a0000\u00a0000")]
)
def test_bounds_are_written_as_the_reader_does(alices: Client, form: Form, language: str, told: str) -> None:
    answer = alices.post(NEW, form | {"loan_amnt": "0"}, headers={"Accept-Language": language})
    assert told in answer.content.decode()


@pytest.mark.parametrize(
    ("field", "typed"), [("person_income", "68 000"), ("loan_int_rate", "10,5"), ("loan_amnt", "9,000")]
)
def test_what_people_type_is_understood(alices: Client, form: Form, field: str, typed: str) -> None:
    assert alices.post(NEW, form | {field: typed}).status_code == 302
