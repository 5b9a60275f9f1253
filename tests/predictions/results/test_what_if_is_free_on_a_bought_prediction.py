import pytest
from rest_framework.test import APIClient

from accounts.models import User
from billing.models import Entry
from predictions.models import Prediction
from predictions.results.what_if import WHAT_IF
from tests.support.addresses import MODELS
from tests.support.clock import Forward
from tests.support.orders import Bought, ResultFor
from tests.support.people import Answer, ApiClientFor


@pytest.mark.parametrize("model", MODELS)
def test_it_gives_the_probability_of_the_changed_application(
    alice: User, api: ApiClientFor, result: ResultFor, model: str
) -> None:
    prediction, paid = result(model), Entry.objects.count()
    address = f"/api/v1/predictions/{prediction.pk}/what-if/"
    same = api(alice).post(address, {"changes": {}}, format="json").json()
    assert prediction.approval_probability is not None
    assert same["approval_probability"] == round(prediction.approval_probability, 6)
    worse = (
        api(alice).post(address, {"changes": {"loan_amnt": 34_000, "loan_grade": "F"}}, format="json").json()
    )
    assert worse["approval_probability"] < same["approval_probability"]
    assert worse["applicant"]["loan_percent_income"] == 0.5
    assert worse["approval_probability"] + worse["default_probability"] == pytest.approx(1)
    assert Entry.objects.count() == paid


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"person_age": 40}, "person_age", "not_actionable"),
        ({"cb_person_cred_hist_length": 20}, "cb_person_cred_hist_length", "not_actionable"),
        ({"loan_amnt": -1}, "loan_amnt", "out_of_bounds"),
        ({"loan_amnt": "1000"}, "loan_amnt", "not_a_number"),
        ({"loan_grade": "H"}, "loan_grade", "invalid_choice"),
        ({"shoe_size": 1}, "shoe_size", "unknown_field"),
    ],
)
def test_it_names_what_cannot_be_changed(
    alice: User, api: ApiClientFor, result: ResultFor, changes: dict[str, object], field: str, code: str
) -> None:
    address = f"/api/v1/predictions/{result().pk}/what-if/"
    answer = api(alice).post(address, {"changes": changes}, format="json")
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


@pytest.mark.parametrize("body", [{}, {"goal": 2}, {"goal": "x"}, {"changes": []}])
def test_it_wants_a_question(alice: User, api: ApiClientFor, result: ResultFor, body: object) -> None:
    answer = api(alice).post(f"/api/v1/predictions/{result().pk}/what-if/", body, format="json")
    assert answer.status_code == 422


def test_it_finds_the_smallest_cut_or_says_that_none_does(
    alice: User, api: ApiClientFor, result: ResultFor
) -> None:
    prediction = result(loan_amnt=30_000, loan_percent_income=None)
    assert prediction.approval_probability is not None
    address = f"/api/v1/predictions/{prediction.pk}/what-if/"
    goal = prediction.approval_probability + 0.02
    cut = api(alice).post(address, {"goal": goal}, format="json").json()["cut"]
    assert cut["amount"] + cut["cut"] == 30_000
    assert cut["cut"] > 0
    assert cut["approval_probability"] >= goal
    assert api(alice).post(address, {"goal": 1.0}, format="json").json()["cut"] is None


@pytest.mark.parametrize("field", ["loan_amnt", "person_income", "loan_int_rate"])
def test_it_draws_curves(alice: User, api: ApiClientFor, result: ResultFor, field: str) -> None:
    prediction = result()
    assert prediction.approval_probability is not None
    answer = api(alice).get(f"/api/v1/predictions/{prediction.pk}/curve/?field={field}").json()
    values = [point["value"] for point in answer["points"]]
    assert values == sorted(set(values))
    own = prediction.applicant[field]
    assert [p["approval_probability"] for p in answer["points"] if p["value"] == own] == [
        round(prediction.approval_probability, 6)
    ]


def test_there_is_no_curve_over_age(alice: User, api: ApiClientFor, result: ResultFor) -> None:
    answer = api(alice).get(f"/api/v1/predictions/{result().pk}/curve/?field=person_age")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "field")


def test_it_is_rate_limited_by_user(
    alice: User, bob: User, api: ApiClientFor, bought: Bought, forward: Forward
) -> None:
    alices, bobs = [bought(), bought()], bought(user=bob)
    client = api(alice)

    def ask(client: APIClient, prediction: Prediction) -> Answer:
        address = f"/api/v1/predictions/{prediction.pk}/what-if/"
        return client.post(address, {"changes": {}}, format="json")

    codes = [ask(client, alices[number % 2]).status_code for number in range(WHAT_IF.attempts)]
    assert codes == [200] * WHAT_IF.attempts
    refused = ask(client, alices[0])
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_attempts")
    assert ask(api(bob), bobs).status_code == 200
    forward(int(refused["Retry-After"]))
    assert ask(client, alices[0]).status_code == 200


def test_it_wants_a_result(alice: User, api: ApiClientFor, result: ResultFor) -> None:
    prediction = result()
    Prediction.objects.filter(pk=prediction.pk).update(
        status="failed", failure="scoring_failed", approval_probability=None
    )
    bodies: dict[str, dict[str, object]] = {"what-if": {"changes": {}}, "check": {}}
    for call, body in bodies.items():
        answer = api(alice).post(f"/api/v1/predictions/{prediction.pk}/{call}/", body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (409, "not_finished")


def test_somebody_elses_is_not_there(bob: User, api: ApiClientFor, result: ResultFor) -> None:
    address = f"/api/v1/predictions/{result().pk}"
    assert api(bob).post(f"{address}/what-if/", {"changes": {}}, format="json").status_code == 404
    assert api(bob).post(f"{address}/check/").status_code == 404
    assert api(bob).get(f"{address}/curve/?field=loan_amnt").status_code == 404
