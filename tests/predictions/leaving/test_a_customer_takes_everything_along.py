"""The export has everything of an account and nothing of others, secrets excluded."""

import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts import tokens
from accounts.keys import services as keys
from accounts.models import ApiKey, User, WebhookEndpoint
from accounts.webhooks import endpoints
from accounts.webhooks.events import PING
from predictions.leaving import export
from predictions.outcomes.services import report_outcome
from predictions.outcomes.sold import day_of
from predictions.results.documents import document_of
from predictions.results.sharing import create_link
from tests.support.batches import UploadFor
from tests.support.orders import Bought
from tests.support.people import PASSWORD
from tests.support.scored_files import some_rows
from tests.support.second_factor import app_code, turn_on

PAGE = reverse("predictions:account-export")


def exported(client: Client, **sent: str) -> dict[str, Any]:
    answer = client.post(PAGE, {"password": PASSWORD, **sent})
    assert answer.status_code == 200
    assert "attachment" in answer["Content-Disposition"]
    assert answer.streaming
    document: dict[str, Any] = json.loads(answer.getvalue())
    return document


def test_everything_is_in_it(reader: Client, alice: User, bought: Bought, upload: UploadFor) -> None:
    prediction = bought("my label", user=alice)
    report_outcome(prediction, "repaid", day_of(prediction.created_at), by=alice)
    batch = upload(alice, some_rows(3))
    new = keys.create(alice, name="nightly", scopes=["read"])
    endpoint, secret = endpoints.create(alice, url="https://1.1.1.1/hook", types=[PING])
    create_link(prediction, days=7, with_details=True)
    code = document_of(alice, prediction, []).code
    document = exported(reader)
    assert [row["with_details"] for row in document["links"]] == [True]
    assert [row["code"] for row in document["documents"]] == [code]
    assert document["account"]["email"] == "alice@example.org"
    assert document["account"]["balance"] == "90.00"
    (sold,) = document["predictions"]
    assert (sold["id"], sold["label"], sold["price"]) == (str(prediction.pk), "my label", "10.00")
    assert sold["applicant"] == prediction.applicant
    assert [row["amount"] for row in document["transactions"]] == ["100.00", "-10.00"]
    assert [row["id"] for row in document["files"]] == [str(batch.pk)]
    assert [row["result"] for row in document["outcomes"]] == ["repaid"]
    assert [row["name"] for row in document["api_keys"]] == ["nightly"]
    assert [row["url"] for row in document["webhooks"]] == ["https://1.1.1.1/hook"]
    text = json.dumps(document)
    stored = ApiKey.objects.get()
    seed = WebhookEndpoint.objects.get().seed
    for hidden in (alice.password, stored.key_hash, new.secret, secret, seed):
        assert hidden not in text
    assert endpoint.url in text


def test_nothing_of_others_is(reader: Client, alice: User, bob: User, bought: Bought) -> None:
    bought("secret of bob", user=bob)
    document = exported(reader)
    assert "secret of bob" not in json.dumps(document)
    assert document["predictions"] == document["transactions"] == []


def test_sessions_have_no_keys(reader: Client, alice: User) -> None:
    tokens.issue(alice)
    document = exported(reader)
    assert len(document["sessions"]) == len(document["api_tokens"]) == 1
    assert str(reader.session.session_key) not in json.dumps(document)


@pytest.mark.parametrize("password", ["", "wrong"])
def test_it_asks_for_the_password(reader: Client, password: str) -> None:
    assert reader.post(PAGE, {"password": password}).status_code == 422


def test_it_asks_for_the_code_too(reader: Client, alice: User) -> None:
    turn_on(alice)
    reader.force_login(alice)
    assert reader.post(PAGE, {"password": PASSWORD}).status_code == 422
    assert exported(reader, code=app_code(alice))["account"]["two_factor_log_in"]


def test_it_is_limited(reader: Client) -> None:
    statuses = [reader.post(PAGE, {"password": PASSWORD}).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]


def test_long_tables_are_read_in_parts(alice: User, bought: Bought, monkeypatch: pytest.MonkeyPatch) -> None:
    sold = {str(bought(user=alice).pk) for _ in range(3)}
    monkeypatch.setattr(export, "CHUNK_ROWS", 2)
    monkeypatch.setattr("accounts.keyset.CHUNK_ROWS", 2)
    pieces = list(export.pieces(alice))
    assert len(pieces) > 10
    assert {row["id"] for row in json.loads("".join(pieces))["predictions"]} == sold
