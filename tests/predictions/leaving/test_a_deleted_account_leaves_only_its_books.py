"""What is personal goes, the books stay right, and nobody gets in any more."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tasks, tokens
from accounts.keys import services as keys
from accounts.models import AccountSession, ApiKey, TokenFamily, User, WebhookEndpoint
from accounts.webhooks import endpoints
from accounts.webhooks.events import PING
from billing.models import Entry, IdempotencyRecord
from predictions.batches import store
from predictions.jobs import worker
from predictions.leaving import deletion, scrubbing
from predictions.models import Batch, Comparison, DecisionPolicy, Prediction, ResultDocument, ShareLink
from predictions.orders.comparisons import order_comparison
from predictions.outcomes.services import report_outcome
from predictions.outcomes.sold import day_of
from predictions.results.decisions import save_policy
from predictions.results.documents import document_of, find_by_code
from predictions.results.sharing import create_link, find_link
from predictions.scoring.schema import Applicant
from predictions.tasks import housekeeping, scrub_accounts
from tests.support.batches import UploadFor
from tests.support.broker import Broker
from tests.support.orders import Bought, OrderFor
from tests.support.people import PASSWORD, give_money
from tests.support.scored_files import some_rows
from tests.support.second_factor import app_code, turn_on

PAGE = reverse("predictions:account-delete")


def send(client: Client, balance: int = 0, **changes: str) -> int:
    sent = {"username": "alice", "password": PASSWORD, "balance": str(balance)} | changes
    if balance:
        sent.setdefault("forfeit", "on")
    return client.post(PAGE, sent).status_code


def test_what_is_personal_is_gone_and_the_books_are_right(
    reader: Client, alice: User, bought: Bought, upload: UploadFor, applicant: Applicant
) -> None:
    prediction = bought("Secretov", user=alice)
    report_outcome(prediction, "repaid", day_of(prediction.created_at), by=alice)
    give_money(alice, 500_00)
    order_comparison(user=alice, applicant=applicant, request_key="x", label="Secretov")
    worker.score_queued()
    batch = upload(alice, some_rows(3))
    keys.create(alice, name="Secretov", scopes=["read"])
    endpoints.create(alice, url="https://1.1.1.1/Secretov", types=[PING])
    access = tokens.issue(alice).access
    create_link(prediction, days=7, with_details=True)
    document_of(alice, prediction, [])
    save_policy(alice, approve_from=0.8, decline_below=0.2)
    entries = list(Entry.objects.order_by("pk").values_list())
    alice.wallet.refresh_from_db()
    assert send(reader, alice.wallet.balance) == 302
    scrub_accounts()
    alice.refresh_from_db()
    assert alice.username == f"deleted-{alice.pk}"
    assert (alice.email, alice.get_full_name(), alice.is_active) == ("", "", False)
    for model in (AccountSession, TokenFamily, WebhookEndpoint, IdempotencyRecord, DecisionPolicy):
        assert not model.objects.filter(user=alice).exists()
    assert ApiKey.objects.get().name == ""
    left: list[Any] = [*Prediction.objects.values(), *Comparison.objects.values(), *Batch.objects.values()]
    assert "Secretov" not in json.dumps(left, default=str)
    assert {row["applicant"] == {} for row in left if "applicant" in row} == {True}
    assert not [folder for folder, _at in store.batches() if folder == batch.pk]
    assert not ShareLink.objects.exists()
    assert not ResultDocument.objects.exists()
    assert list(Entry.objects.order_by("pk").values_list()) == entries
    call_command("check_ledger", "--full")
    with pytest.raises(tokens.InvalidToken):
        tokens.authenticate(access.encode())
    again = Client().post(reverse("accounts:login"), {"username": "alice", "password": PASSWORD})
    assert again.status_code == 422


def test_links_and_documents_end_at_once(reader: Client, alice: User, bought: Bought) -> None:
    prediction = bought(user=alice)
    _link, token = create_link(prediction, days=7, with_details=True)
    code = document_of(alice, prediction, []).code
    alice.wallet.refresh_from_db()
    assert find_link(token)
    assert find_by_code(code)
    assert send(reader, alice.wallet.balance) == 302
    assert find_link(token) is None
    assert find_by_code(code) is None


def test_the_owner_gets_a_mail(alice: User) -> None:
    tasks.mail_notice("account_deleted", alice.email, "alice", "en")
    assert mail.outbox[0].to == [alice.email]


@pytest.mark.parametrize("changes", [{"username": "bob"}, {"password": "wrong"}, {"username": ""}])
def test_it_asks_who_is_there(reader: Client, alice: User, changes: dict[str, str]) -> None:
    assert send(reader, 0, **changes) == 422
    alice.refresh_from_db()
    assert alice.is_active


def test_it_asks_for_the_code_too(reader: Client, alice: User) -> None:
    turn_on(alice)
    reader.force_login(alice)
    assert send(reader) == 422
    assert send(reader, code=app_code(alice)) == 302


def test_money_is_given_up_explicitly(reader: Client, alice: User) -> None:
    give_money(alice, 5_00)
    assert send(reader, 5_00, forfeit="") == 422
    assert send(reader, 0) == 422
    assert send(reader, 4_00) == 409
    alice.refresh_from_db()
    assert alice.is_active
    assert send(reader, 5_00) == 302
    alice.wallet.refresh_from_db()
    assert alice.wallet.balance == 5_00


def test_what_is_in_progress_ends_first(reader: Client, alice: User, bought: Bought) -> None:
    prediction = bought(user=alice, run=False)
    assert reader.get(PAGE).status_code == 200
    assert send(reader, 90_00) == 409
    worker.score_queued()
    prediction.refresh_from_db()
    assert send(reader, 90_00) == 302


def test_it_is_deleted_also_while_no_worker_can_be_told(
    reader: Client, alice: User, own_broker: Broker
) -> None:
    own_broker.stop()
    assert send(reader) == 302
    assert housekeeping()["scrubbed_accounts"] == 1


def test_operators_are_kept(client: Client, operator: User, catalog: None) -> None:
    client.force_login(operator)
    assert send(client, username="operator") == 403
    operator.refresh_from_db()
    assert operator.is_active


def test_the_name_is_free_again(reader: Client, alice: User) -> None:
    send(reader)
    assert User.objects.create_user("alice", "new@example.org", PASSWORD).pk != alice.pk


def test_accounts_are_emptied_in_parts_and_again_for_what_was_begun_before(
    alice: User, bought: Bought, order: OrderFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        bought("Secretov", user=alice)
    deletion.close(alice, forfeited=270_00)
    monkeypatch.setattr(scrubbing, "PART", 2)
    assert scrubbing.scrub_closed() == 1
    assert not Prediction.objects.exclude(label="", applicant={}).exists()
    # An order that waited for the lock of the wallet.
    order(alice)
    User.objects.update(deleted_at=timezone.now() - scrubbing.BEGUN_BEFORE - timedelta(seconds=1))
    assert scrubbing.scrub_closed() == 1
    assert not Prediction.objects.exclude(label="", applicant={}).exists()
    assert scrubbing.scrub_closed() == 0
    worker.score_queued()
    assert Prediction.objects.filter(status=Prediction.Status.FAILED).count() == 1
    call_command("check_ledger", "--full")
