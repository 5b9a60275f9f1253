"""Query plans of the admin on both databases: a list reads the rows that it shows, and counts none."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import ApiKey, User, WebhookDelivery, WebhookEndpoint
from accounts.webhooks import endpoints
from billing.models import Entry, Wallet
from predictions.jobs.worker import score_queued
from predictions.models import PolicyChange, Prediction
from predictions.orders.predictions import cancel_prediction
from tests.support.orders import OrderFor
from tests.support.people import give_money
from tests.support.plans import captured_reads, plan_as_for_many_rows

ROWS = 200
LAST_WEEK = f"created_at__gte={timezone.now().date() - timedelta(days=7)}+00:00%2B00:00"
LISTS = [
    ("accounts_user", "", "user_newest"),
    ("accounts_user", "q=alice", "pk"),
    ("accounts_user", "q=alice@example.org", "pk"),
    ("accounts_user", "is_staff__exact=1", "user_newest_staff"),
    ("accounts_user", "is_active__exact=0", "user_newest_inactive"),
    ("accounts_apikey", "", "key_newest"),
    ("accounts_apikey", "q=alice", "key_of_user"),
    ("accounts_apikey", "q=cs_000000000007", "prefix"),
    ("accounts_webhookendpoint", "", "webhook_newest"),
    ("accounts_webhookendpoint", "q=alice", "user_id"),
    ("accounts_webhookendpoint", "q={delivery.endpoint_id}", "pk"),
    ("accounts_webhookdelivery", "", "delivery_newest"),
    ("accounts_webhookdelivery", "q=alice", "delivery_log"),
    ("accounts_webhookdelivery", "q={delivery.pk}", "pk"),
    ("accounts_webhookdelivery", "q={delivery.endpoint_id}", "delivery_log"),
    ("billing_wallet", "", "pk"),
    ("billing_wallet", "q=alice", "user"),
    ("billing_entry", "", "entry_newest"),
    ("billing_entry", LAST_WEEK, "entry_newest"),
    ("billing_entry", "created_at__lt=2020-01-01+00:00%2B00:00", "entry_newest"),
    ("billing_entry", "q=alice", "entry_by_time"),
    ("billing_entry", "q=alice@example.org", "entry_by_time"),
    ("billing_entry", "q={entry.public_id}", "public_id"),
    ("billing_entry", "q={entry.note}", "entry_by_note"),
    ("billing_entry", "kind__exact=adjustment", "entry_of_kind"),
    ("billing_entry", f"kind__exact=refund&{LAST_WEEK}", "entry_of_kind"),
    ("billing_entry", "q=alice&kind__exact=refund", "entry_by_kind"),
    ("predictions_policychange", "", "pk"),
    ("predictions_policychange", "q=alice", "policy_changes_of_user"),
    ("predictions_prediction", "", "prediction_newest"),
    ("predictions_prediction", LAST_WEEK, "prediction_newest"),
    ("predictions_prediction", "q=alice", "prediction_by_time"),
    ("predictions_prediction", "q={prediction.pk}", "pk"),
    ("predictions_prediction", "model__id__exact={prediction.model_id}", "prediction_of_model"),
    ("predictions_prediction", "status__exact=queued", "_pending"),
    ("predictions_prediction", "status__exact=failed", "prediction_without_result"),
    ("predictions_prediction", "status__exact=canceled", "prediction_without_result"),
    ("predictions_prediction", "failure__exact=deadline_passed", "prediction_without_result"),
]


@pytest.fixture
def past(alice: User, bob: User, operator: User, order: OrderFor) -> None:
    """What is asked for is rare: what nearly all rows have is found by any index, and chance decides which.

    Alice is one of many, one user is inactive, one refund was made, and one prediction has another model.
    """
    others = User.objects.bulk_create(
        User(username=f"name-{number}", email=f"{number}@example.org", is_active=number > 0)
        for number in range(ROWS)
    )
    webhooks = WebhookEndpoint.objects.bulk_create(
        WebhookEndpoint(user=user, url="https://1.1.1.1/", events=["ping"], seed="x") for user in others
    )
    WebhookDelivery.objects.bulk_create(
        WebhookDelivery(endpoint=webhook, event_id=webhook.pk, type="ping", body="{}") for webhook in webhooks
    )
    endpoints.send_test(endpoints.create(alice, url="https://1.1.1.1/", types=["ping"])[0])
    wallets = Wallet.objects.bulk_create(Wallet(user=user, balance=3) for user in others)
    Entry.objects.bulk_create(
        Entry(wallet=wallet, kind="top_up", amount=1, balance_after=number, request_key=number)
        for number in (1, 2, 3)
        for wallet in wallets
    )
    PolicyChange.objects.bulk_create(
        PolicyChange(user=user, changed_at=timezone.now()) for user in (*others, alice)
    )
    ApiKey.objects.bulk_create(
        ApiKey(user=user, name="one", prefix=f"cs_{number:012}", key_hash="0" * 64, scopes=[])
        for number, user in enumerate([alice, *others])
    )
    for user in (alice, bob):
        give_money(user, 10_000_00)
    for number in range(ROWS):
        order((alice, bob)[number % 2])
    score_queued()
    score_queued()
    cancel_prediction(order(alice))
    order(alice, "random-forest")


def test_every_list_and_search(past: None, client: Client, operator: User) -> None:
    """All in one test: the past takes longer than the plans."""
    client.force_login(operator)
    plan_as_for_many_rows()
    rows = {
        "entry": Entry.objects.exclude(note="").latest("pk"),
        "prediction": Prediction.objects.latest("created_at"),
        "delivery": WebhookDelivery.objects.latest("created_at"),
    }
    for name, query, index in LISTS:
        address = reverse(f"admin:{name}_changelist") + "?" + query.format(**rows)
        with captured_reads() as statements:
            assert client.get(address).status_code == 200
        assert not [one.sql for one in statements if "COUNT(" in one.sql], (name, query)
        [listed] = [one for one in statements if f'FROM "{name}"' in one.sql and "LIMIT 51" in one.sql]
        plan = listed.plan
        assert KEYS.get((connection.vendor, name, index), index) in plan, (name, query, plan)
        if index.startswith(("entry_", "prediction_")) and index != "entry_by_note":
            assert not re.search("TEMP B-TREE|Sort Key", plan), (name, query, plan)


# The names that the databases give to the indexes of keys.
KEYS = {
    ("sqlite", "accounts_apikey", "prefix"): "prefix=?",
    ("postgresql", "accounts_apikey", "prefix"): "accounts_apikey_prefix_",
    **{("postgresql", name, "pk"): f"{name}_pkey" for name, _query, _index in LISTS},
    **{("sqlite", name, "pk"): f"sqlite_autoindex_{name}_1" for name, _query, _index in LISTS},
    ("sqlite", "billing_wallet", "pk"): "SCAN billing_wallet",
    ("sqlite", "predictions_policychange", "pk"): "SCAN predictions_policychange",
    ("sqlite", "billing_wallet", "user"): "user_id=?",
    ("postgresql", "billing_wallet", "user"): "billing_wallet_user_id_key",
    ("sqlite", "billing_entry", "public_id"): "public_id=?",
    ("postgresql", "billing_entry", "public_id"): "billing_entry_public_id_key",
}
