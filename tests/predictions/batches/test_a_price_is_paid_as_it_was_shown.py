"""What the quote says is what is paid; whatever has changed since is asked about again."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from billing.services import InsufficientFunds, RequestKeyReused, wallet_of
from predictions.batches import scoring, settling, transitions
from predictions.batches.pricing import discount_for, quote, tiers
from predictions.catalog import ModelSwitchedOff
from predictions.lifecycle.sales import promote
from predictions.models import Batch, ScoringModel, VolumeDiscount
from predictions.orders.batches import (
    NotQuoted,
    QuoteExpired,
    VersionChanged,
    cancel_batch,
    confirm_batch,
    requote_batch,
)
from predictions.orders.predictions import PriceChanged
from predictions.orders.uploads import TooManyFiles, TooManyOpenFiles
from predictions.scoring.artifacts import SCHEMA, ArtifactRef
from predictions.training.artifacts import add_file
from tests.support.batches import UploadFor, now
from tests.support.orders import OrderFor
from tests.support.people import give_money


@pytest.fixture
def quoted(alice: User, upload: UploadFor) -> Batch:
    give_money(alice, 100_00)
    return upload(alice)


def test_a_price_that_has_changed_is_refused_until_it_is_quoted_again(alice: User, quoted: Batch) -> None:
    ScoringModel.objects.update(price=20_00)
    with pytest.raises(PriceChanged):
        confirm_batch(quoted)
    assert (now(quoted).status, wallet_of(alice).balance) == ("quoted", 100_00)
    again = requote_batch(quoted)
    assert again.price == 60_00
    assert confirm_batch(again).status == "queued"
    assert wallet_of(alice).balance == 40_00


def test_a_discount_that_has_changed_is_a_new_price(quoted: Batch) -> None:
    VolumeDiscount.objects.create(rows_from=2, percent=50)
    with pytest.raises(PriceChanged):
        confirm_batch(quoted)


def test_a_price_that_was_not_shown_is_not_paid(quoted: Batch) -> None:
    with pytest.raises(PriceChanged):
        confirm_batch(quoted, agreed_price=1)


def test_an_old_quote_expires(alice: User, quoted: Batch) -> None:
    Batch.objects.update(expires_at=timezone.now())
    with pytest.raises(QuoteExpired):
        confirm_batch(quoted)
    settling.settle()
    assert now(quoted).status == "expired"
    with pytest.raises(QuoteExpired):
        confirm_batch(quoted)
    assert wallet_of(alice).balance == 100_00
    assert confirm_batch(requote_batch(now(quoted))).status == "queued"


def test_a_model_off_sale_is_not_sold(quoted: Batch) -> None:
    ScoringModel.objects.update(active=False)
    with pytest.raises(ModelSwitchedOff):
        confirm_batch(quoted)


def test_without_money_it_stays_quoted(bob: User, upload: UploadFor) -> None:
    batch = upload(bob)
    with pytest.raises(InsufficientFunds):
        confirm_batch(batch)
    assert (now(batch).status, now(batch).charge_id) == ("quoted", None)


def test_a_canceled_quote_is_not_paid(alice: User, quoted: Batch) -> None:
    cancel_batch(quoted)
    with pytest.raises(NotQuoted):
        confirm_batch(quoted)
    assert wallet_of(alice).balance == 100_00


def test_a_key_that_has_paid_for_a_prediction_pays_for_no_file(
    alice: User, quoted: Batch, order: OrderFor
) -> None:
    paid = order(alice)
    with pytest.raises(RequestKeyReused):
        confirm_batch(quoted, request_key=paid.charge.request_key)
    assert now(quoted).status == "quoted"


@pytest.mark.django_db(transaction=True)
def test_of_many_confirmations_one_pays(alice: User, quoted: Batch) -> None:
    def confirm(number: int) -> str:
        try:
            return str(confirm_batch(quoted, request_key=f"key {number % 2}").status)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(confirm, range(8))) == {"queued"}
    assert wallet_of(alice).balance == 70_00
    assert Entry.objects.filter(kind="charge").count() == 1


def test_the_price_list_is_that_of_the_operator(catalog: None) -> None:
    model = ScoringModel.objects.get(slug="random-forest")
    assert [(tier.rows_from, tier.unit_price) for tier in tiers(model, reasons=False)] == [
        (1, 50_00),
        (1_000, 45_00),
        (10_000, 37_50),
        (100_000, 25_00),
    ]
    assert quote(model, 999, reasons=True).unit_price == 60_00
    assert quote(model, 1_000_000, reasons=False).price == 25_000_000_00


def test_the_discount_of_the_highest_threshold_counts(catalog: None) -> None:
    VolumeDiscount.objects.all().delete()
    for rows, percent in ((10, 30), (20, 5)):
        VolumeDiscount.objects.create(rows_from=rows, percent=percent)
    assert [discount_for(rows, VolumeDiscount.objects.all()) for rows in (9, 10, 19, 20)] == [0, 30, 30, 5]


def test_a_row_is_never_free(catalog: None) -> None:
    ScoringModel.objects.update(price=1)
    VolumeDiscount.objects.update(percent=90)
    assert quote(ScoringModel.objects.all()[0], 1_000_000, reasons=False).unit_price == 1


@pytest.mark.parametrize("change", [{"percent": 0}, {"percent": 100}, {"rows_from": 1}])
def test_the_database_refuses_impossible_discounts(db: None, change: dict[str, int]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        VolumeDiscount.objects.create(**({"rows_from": 10, "percent": 10} | change))


def test_uploads_are_limited(alice: User, upload: UploadFor, settings: Settings) -> None:
    settings.FILES_PER_MINUTE = 2
    upload(alice)
    upload(alice)
    with pytest.raises(TooManyFiles) as refusal:
        upload(alice)
    assert 0 < refusal.value.retry_after <= 60
    Batch.objects.update(created_at=timezone.now() - timedelta(minutes=2))
    settings.OPEN_FILES = 2
    with pytest.raises(TooManyOpenFiles):
        upload(alice)
    cancel_batch(Batch.objects.all()[0])
    upload(alice)


@pytest.mark.django_db(transaction=True)
def test_a_confirmation_waits_for_one_that_is_paying(alice: User, quoted: Batch) -> None:
    begun = Event()

    def slowly(execute: Any, sql: str, *arguments: Any) -> Any:
        """The first one takes a while before it takes the money, and the other one comes in the meantime."""
        if sql.startswith('UPDATE "billing_wallet"'):
            begun.set()
            time.sleep(0.5)
        return execute(sql, *arguments)

    def first() -> None:
        with connection.execute_wrapper(slowly):
            confirm_batch(quoted, request_key="first")
        connections.close_all()

    def second() -> None:
        assert begun.wait(10)
        confirm_batch(quoted, request_key="second")
        connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(first), pool.submit(second)]:
            done.result()
    assert wallet_of(alice).balance == 70_00


def test_another_version_on_sale_is_refused_until_it_is_quoted_again(
    alice: User, operator: User, two_versions: ArtifactRef, quoted: Batch
) -> None:
    old = quoted.artifact
    promote(quoted.model, two_versions.version, operator=operator, reason="better", seen=1)
    with pytest.raises(VersionChanged):
        confirm_batch(quoted)
    assert (now(quoted).artifact, wallet_of(alice).balance) == (old, 100_00)
    again = requote_batch(quoted)
    assert (again.artifact, again.price) == (two_versions, 30_00)
    assert confirm_batch(again).artifact == two_versions
    promote(quoted.model, old.version, operator=operator, reason="worse", seen=2)
    scoring.work(wake_another=lambda: True)
    assert (now(quoted).status, now(quoted).artifact) == ("completed", two_versions)


def test_a_version_that_knows_less_cannot_score_what_was_checked_for_another(
    operator: User, own_copy: Path, two_versions: ArtifactRef, quoted: Batch
) -> None:
    """The rows were checked for choices that it has never seen."""
    schema = json.loads((own_copy / two_versions.slug / two_versions.version / SCHEMA).read_text())
    for field in schema["fields"]:
        if field["name"] == "loan_intent":
            field["choices"].append("BOAT")
    add_file(own_copy, quoted.artifact, SCHEMA, schema)
    promote(quoted.model, two_versions.version, operator=operator, reason="better", seen=1)
    with pytest.raises(VersionChanged):
        requote_batch(quoted)


def test_a_quote_that_has_got_another_version_is_not_paid_by_an_old_page(
    alice: User, operator: User, two_versions: ArtifactRef, quoted: Batch
) -> None:
    old_page = now(quoted)
    promote(quoted.model, two_versions.version, operator=operator, reason="better", seen=1)
    requote_batch(quoted)
    assert not transitions.pay(old_page, "key")
    assert wallet_of(alice).balance == 100_00
