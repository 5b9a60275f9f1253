"""Links to a result and its PDF by API, and where anybody verifies a document."""

import hashlib
import uuid

import pytest
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from predictions.models import Prediction, ShareLink
from predictions.results.documents import VERIFICATIONS
from predictions.results.explanations import FAILED, explain_and_store
from predictions.results.sharing import MAX_WORKING, create_link
from tests.support.orders import Bought, ResultFor
from tests.support.people import Answer, ApiClientFor


@pytest.fixture
def client(alice: User, api: ApiClientFor) -> APIClient:
    return api(alice)


@pytest.fixture
def prediction(result: ResultFor) -> Prediction:
    return result("logistic-regression")


def links(prediction: Prediction) -> str:
    return f"/api/v1/predictions/{prediction.pk}/links/"


def make(client: APIClient, prediction: Prediction, **body: object) -> Answer:
    answer: Answer = client.post(links(prediction), body, format="json")
    return answer


def document(prediction: Prediction) -> str:
    return f"/api/v1/predictions/{prediction.pk}/document/"


def verified(code: str) -> Answer:
    answer: Answer = APIClient().get(f"/api/v1/documents/{code}/")
    return answer


def test_a_link_is_made_read_listed_and_revoked(client: APIClient, prediction: Prediction) -> None:
    made = make(client, prediction, days=7)
    assert made.status_code == 201
    link = made.json()
    assert link.keys() == {"id", "url", "with_details", "created_at", "expires_at"}
    assert Client().get(link["url"]).status_code == 200
    page = client.get(links(prediction)).json()
    # The address is shown once.
    listed = {name: link[name] for name in link if name != "url"}
    assert page == {"next": None, "previous": None, "results": [listed]}
    other = make(client, prediction, days=1, with_details=True).json()
    assert other["with_details"] is True
    assert [one["id"] for one in client.get(links(prediction)).json()["results"]] == [other["id"], link["id"]]
    assert client.delete(f"{links(prediction)}{link['id'].upper()}/").status_code == 204
    assert client.delete(f"{links(prediction)}{link['id']}/").status_code == 404
    assert Client().get(link["url"]).status_code == 404
    assert Client().get(other["url"]).status_code == 200


@pytest.mark.parametrize(
    ("body", "field", "code"),
    [
        ({}, "days", "required"),
        ({"days": 8}, "days", "invalid_choice"),
        ({"days": "7"}, "days", "invalid"),
        ({"days": True}, "days", "invalid"),
        ({"days": 7, "with_details": 1}, "with_details", "invalid"),
    ],
)
def test_a_wrong_link_is_named(
    client: APIClient, prediction: Prediction, body: dict[str, object], field: str, code: str
) -> None:
    answer = make(client, prediction, **body)
    assert answer.status_code == 422
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, code)]
    assert not ShareLink.objects.exists()


def test_the_limit_of_links_is_told_in_the_readers_language(
    client: APIClient, prediction: Prediction
) -> None:
    for _number in range(MAX_WORKING):
        create_link(prediction, days=1, with_details=False)
    answer = client.post(links(prediction), {"days": 1}, format="json", headers={"Accept-Language": "ru"})
    assert (answer.status_code, answer.json()["code"]) == (409, "too_many_links")
    assert "максимум ссылок" in answer.json()["detail"]


def test_what_has_no_result_is_not_shown(client: APIClient, bought: Bought) -> None:
    pending = bought(run=False)
    for answer in (make(client, pending, days=7), client.get(document(pending))):
        assert (answer.status_code, answer.json()["code"]) == (409, "not_finished")


def test_links_and_documents_of_others_are_not_there(
    bob: User, api: ApiClientFor, prediction: Prediction, result: ResultFor
) -> None:
    link, _token = create_link(prediction, days=1, with_details=False)
    stranger, address = api(bob), f"{links(prediction)}{link.public_id}/"
    assert stranger.get(links(prediction)).status_code == 404
    assert make(stranger, prediction, days=7).status_code == 404
    assert stranger.delete(address).status_code == 404
    assert stranger.get(document(prediction)).status_code == 404
    # Nor is a link of another result of one's own.
    owner, other = api(prediction.user), result("logistic-regression")
    assert owner.delete(f"{links(other)}{link.public_id}/").status_code == 404
    assert owner.delete(f"{links(prediction)}{uuid.UUID(int=0)}/").status_code == 404
    assert owner.delete(address).status_code == 204


def test_the_pdf_comes_when_its_reasons_are_there_in_the_readers_language(
    client: APIClient, prediction: Prediction
) -> None:
    waiting = client.get(document(prediction))
    assert (waiting.status_code, waiting["Retry-After"]) == (202, "1")
    assert waiting.json() == {"status": "succeeded"}
    prediction.refresh_from_db()
    assert prediction.explanation_requested_at
    explain_and_store([prediction])
    got = client.get(document(prediction), headers={"Accept": "application/pdf", "Accept-Language": "ru"})
    assert (got.status_code, got["Content-Type"]) == (200, "application/pdf")
    assert got["Content-Disposition"].startswith('attachment; filename="creditscore-')
    assert prediction.documents.get().language == "ru"
    # The page hands out the same file.
    page = Client()
    page.force_login(prediction.user)
    assert page.get(
        f"/predictions/{prediction.pk}/result.pdf", headers={"Accept-Language": "ru"}
    ).content == (got.content)


def test_without_an_explanation_it_has_no_reasons(client: APIClient, prediction: Prediction) -> None:
    Prediction.objects.filter(pk=prediction.pk).update(explanation=FAILED)
    assert client.get(document(prediction)).status_code == 200
    assert prediction.documents.get().explained is False


def test_anybody_verifies_a_document_and_learns_no_fact(client: APIClient, prediction: Prediction) -> None:
    explain_and_store([prediction])
    content = client.get(document(prediction)).content
    kept = prediction.documents.get()
    sold = client.get(f"/api/v1/predictions/{prediction.pk}/").json()
    told = verified(kept.code.lower().replace("-", "")).json()
    assert told["sha256"] == hashlib.sha256(content).hexdigest()
    shared = {"model", "model_version", "approval_probability", "default_probability", "finished_at"}
    assert {name: told[name] for name in shared} == {name: sold[name] for name in shared}
    assert told.keys() == shared | {"code", "sha256", "language"}
    for code in ("0000-0000-0000-0000", "x", "%00", "7" * 500):
        assert verified(code).status_code == 404


def test_verifying_is_limited_together_with_the_page(client: APIClient, prediction: Prediction) -> None:
    for _number in range(VERIFICATIONS.attempts):
        Client().post("/verify/", {"code": "0000-0000-0000-0000"})
    answer = verified("0000-0000-0000-0000")
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_attempts")
    assert int(answer["Retry-After"]) > 0
