"""The contract of outcomes: one by PUT and DELETE, many by a file, filters, and who may do it."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from predictions.models import Outcome
from tests.support.batches import UploadFor, score_all, sent
from tests.support.keys import KeyFor, program
from tests.support.orders import Bought
from tests.support.people import ApiClientFor

TODAY = datetime.now(UTC).date()
REPAID = {"outcome": "repaid", "observed_on": str(TODAY)}


@pytest.fixture
def client(alice: User, api: ApiClientFor) -> APIClient:
    return api(alice)


def address(pk: object) -> str:
    return f"/api/v1/predictions/{pk}/outcome/"


def test_an_outcome_is_put_changed_and_withdrawn(client: APIClient, bought: Bought) -> None:
    prediction = f"/api/v1/predictions/{(pk := bought().pk)}/"
    before = client.get(prediction).json()
    assert (before["outcome"], before["observed_on"]) == (None, None)
    for _twice in range(2):
        answer = client.put(address(pk), REPAID, "json")
        assert (answer.status_code, answer.json()) == (200, before | REPAID)
    assert client.get(prediction).json() == before | REPAID
    defaulted = REPAID | {"outcome": "defaulted"}
    assert client.put(address(pk), defaulted, "json").json() == before | defaulted
    for _twice in range(2):
        assert client.delete(address(pk)).status_code == 204
    assert client.get(prediction).json() == before


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({"outcome": "paid", "observed_on": str(TODAY)}, "outcome", "invalid_choice"),
        ({"outcome": "", "observed_on": str(TODAY)}, "outcome", "invalid_choice"),
        ({"observed_on": str(TODAY)}, "outcome", "required"),
        ({"outcome": "repaid"}, "observed_on", "required"),
        ({"outcome": "repaid", "observed_on": "31.01.2027"}, "observed_on", "invalid"),
        ({"outcome": "repaid", "observed_on": 20270131}, "observed_on", "invalid"),
        ({"outcome": "repaid", "observed_on": "2027-02-30"}, "observed_on", "invalid"),
        ({"outcome": "repaid", "observed_on": str(TODAY + timedelta(days=1))}, "observed_on", "in_future"),
        ({"outcome": "repaid", "observed_on": str(TODAY - timedelta(days=1))}, "observed_on", "before_order"),
        (REPAID | {"amount": 5}, "amount", "unknown_field"),
    ],
)
def test_bad_values_are_named(
    client: APIClient, bought: Bought, body: dict[str, object], field: str, code: str
) -> None:
    answer = client.put(address(bought().pk), body, "json")
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]


def test_refusals_follow_the_language(client: APIClient, bought: Bought) -> None:
    body = REPAID | {"observed_on": str(TODAY + timedelta(days=1))}
    answer = client.put(address(bought().pk), body, "json", headers={"Accept-Language": "ru"})
    detail = "Этот день ещё не\u00a0наступил. Укажите день, когда исход стал известен."
    assert answer.json()["errors"][0]["detail"] == detail


def test_other_peoples_predictions_do_not_exist(client: APIClient, bought: Bought, bob: User) -> None:
    for pk in (bought(user=bob).pk, uuid.uuid4()):
        for answer in (client.put(address(pk), REPAID, "json"), client.delete(address(pk))):
            assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not Outcome.objects.exists()


def test_what_has_no_result_has_no_outcome(client: APIClient, bought: Bought) -> None:
    answer = client.put(address(bought(run=False).pk), REPAID, "json")
    assert (answer.status_code, answer.json()["code"]) == (409, "not_finished")


def test_a_key_needs_the_scope_predict(bought: Bought, new_key: KeyFor, alice: User) -> None:
    pk = bought().pk
    for scope, status in (("read", 403), ("pay", 403), ("predict", 200)):
        answer = program(new_key(alice, [scope])).put(address(pk), REPAID, "json")
        assert answer.status_code == status


@pytest.mark.parametrize("as_form", [True, False])
def test_a_file_comes_in_a_form_or_as_the_body(client: APIClient, bought: Bought, as_form: bool) -> None:
    good, bad = bought().pk, uuid.uuid4()
    content = f"id,outcome,observed_on\n{good},repaid,{TODAY}\n{bad},repaid,{TODAY}\n".encode()
    if as_form:
        answer = client.post("/api/v1/outcomes/", {"file": sent(content)}, format="multipart")
    else:
        answer = client.generic(
            "POST", "/api/v1/outcomes/", content.decode(), content_type="text/csv; charset=utf-8"
        )
    assert answer.status_code == 200, answer.content
    body = answer.json()
    error = {
        "line": 3,
        "field": "id",
        "code": "not_found",
        "detail": f"You have no prediction with the ID “{bad}”.",
    }
    assert body == {"rows": 2, "new": 1, "changed": 0, "unchanged": 0, "refused": 1, "errors": [error]}
    assert Outcome.objects.get().prediction_id == good


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "required"), (b"id\n", "unusable_file"), (b"id,outcome,observed_on\n" * 100_002, "too_many_rows")],
)
def test_a_file_that_is_none_is_refused(client: APIClient, content: bytes, code: str) -> None:
    answer = client.generic("POST", "/api/v1/outcomes/", content.decode(), content_type="text/csv")
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [("file", code)]


def test_rows_of_a_file_have_outcomes(
    client: APIClient, alice: User, bob: User, paid: UploadFor, api: ApiClientFor
) -> None:
    batch = paid(alice)
    score_all()
    path = f"/api/v1/batches/{batch.pk}/outcomes/"
    content = f"id,outcome,observed_on\nloan 1,defaulted,{TODAY}\n"
    answer = client.generic("POST", path, content, content_type="text/csv")
    assert (answer.status_code, answer.json()["new"]) == (200, 1)
    assert (row := Outcome.objects.get()).batch_id == batch.pk
    assert row.line == 3
    others = api(bob).generic("POST", path, content, content_type="text/csv")
    assert (others.status_code, others.json()["code"]) == (404, "not_found")


def test_lists_are_filtered_by_outcome(client: APIClient, bought: Bought) -> None:
    keys = {name: str(bought().pk) for name in ("repaid", "defaulted", "refused", "withdrawn", "none")}
    bought(run=False)
    for name, pk in keys.items():
        if name != "none":
            body = REPAID | {"outcome": "repaid" if name == "withdrawn" else name}
            assert client.put(address(pk), body, "json").status_code == 200
    client.delete(address(keys["withdrawn"]))

    def listed(outcome: str) -> set[str]:
        answer = client.get("/api/v1/predictions/", {"outcome": outcome})
        assert answer.status_code == 200, answer.content
        return {row["id"] for row in answer.json()["results"]}

    for name in ("repaid", "defaulted", "refused"):
        assert listed(name) == {keys[name]}
    assert listed("none") == {keys["withdrawn"], keys["none"]}
    assert len(listed("")) == 6
    assert client.get("/api/v1/predictions/", {"outcome": "paid"}).status_code == 422
