"""A refund is taken off the day of its charge: days add up to the ledger, and our faults use up no limit."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Sum
from django.utils import timezone

from accounts.models import User
from billing import services
from billing.models import Entry, KeyDay
from billing.services import new_request_key
from predictions.jobs import worker
from predictions.models import Prediction, ScoringModel
from predictions.orders import operator as operators
from predictions.orders.predictions import cancel_prediction, order_prediction
from predictions.scoring.schema import Applicant
from tests.support.keys import KeyFor
from tests.support.orders import UNLOADABLE
from tests.support.people import give_money


def buy(user: User, applicant: Applicant, **options: object) -> Prediction:
    model = ScoringModel.objects.get(slug="logistic-regression")
    return order_prediction(
        user=user,
        model=model,
        applicant=applicant,
        request_key=new_request_key(),
        **options,  # type: ignore[arg-type]
    ).prediction


def net(user: User) -> int:
    entries = Entry.objects.filter(wallet__user=user, kind__in=["charge", "refund"])
    return -(entries.aggregate(sum=Sum("amount"))["sum"] or 0)


def test_canceled_failed_and_refunded_orders_are_not_spent(
    alice: User, operator: User, applicant: Applicant, catalog: None, new_key: KeyFor
) -> None:
    give_money(alice, 1000_00)
    key = new_key(alice).key
    canceled, failed, refunded, _kept = (buy(alice, applicant, api_key=key) for _number in range(4))
    assert KeyDay.objects.get().spent == 40_00
    cancel_prediction(canceled)
    assert KeyDay.objects.get().spent == 30_00
    Prediction.objects.filter(pk=failed.pk).update(**UNLOADABLE)
    worker.score_queued()
    assert KeyDay.objects.get().spent == 20_00
    refunded.refresh_from_db()
    assert operators.refund(refunded, operator=operator, reason="an error of ours")
    assert not operators.refund(refunded, operator=operator, reason="an error of ours"), "once"
    day = KeyDay.objects.get()
    assert (day.orders, day.spent) == (4, 10_00)
    assert day.spent == net(alice)


def test_the_limit_is_free_again(alice: User, applicant: Applicant, catalog: None, new_key: KeyFor) -> None:
    give_money(alice, 1000_00)
    key = new_key(alice, daily_limit=10_00).key
    cancel_prediction(buy(alice, applicant, api_key=key))
    buy(alice, applicant, api_key=key)
    assert KeyDay.objects.get().spent == 10_00


def test_a_later_refund_counts_on_the_day_of_the_charge(
    alice: User, applicant: Applicant, catalog: None, new_key: KeyFor
) -> None:
    give_money(alice, 1000_00)
    key = new_key(alice).key
    prediction = buy(alice, applicant, api_key=key)
    yesterday = timezone.now() - timedelta(days=1)
    KeyDay.objects.update(date=yesterday.date())
    prediction.charge.created_at = yesterday
    buy(alice, applicant, api_key=key)
    with transaction.atomic():
        services.refund(prediction.charge)
    spent = dict(KeyDay.objects.values_list("date", "spent"))
    assert spent == {yesterday.date(): 0, timezone.now().date(): 10_00}


def test_orders_without_a_key_touch_no_day(alice: User, applicant: Applicant, catalog: None) -> None:
    give_money(alice, 1000_00)
    cancel_prediction(buy(alice, applicant))
    assert not KeyDay.objects.exists()
