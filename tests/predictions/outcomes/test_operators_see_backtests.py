"""The admin lists outcomes with their history, and tests versions on those of all customers."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.models import Outcome
from predictions.outcomes.services import report_outcome, withdraw_outcome
from tests.support.artifacts import SOLD_VERSION
from tests.support.metrics import Counted
from tests.support.orders import Bought

TODAY = datetime.now(UTC).date()
VERSION = ["logistic-regression", SOLD_VERSION]
ADDRESSES = (
    reverse("admin:predictions_outcome_changelist"),
    reverse("admin:predictions_backtests"),
    reverse("admin:predictions_backtest", args=VERSION),
    reverse("admin:predictions_backtest_csv", args=VERSION),
    reverse("admin:predictions_backtest_json", args=VERSION),
)


@pytest.fixture
def reported(bought: Bought, alice: User, bob: User) -> None:
    for user, result in ((alice, "repaid"), (bob, "defaulted"), (bob, "refused")):
        report_outcome(bought(user=user, approval=0.75), result, TODAY, by=user)


@pytest.mark.usefixtures("reported")
def test_all_customers_count(admin_client: Client) -> None:
    page = admin_client.get(ADDRESSES[1]).content.decode()
    assert ADDRESSES[2] in page
    page = admin_client.get(ADDRESSES[2]).content.decode()
    assert "Too few outcomes for a judgment: 1 repaid and 1 defaulted." in page
    found = admin_client.get(ADDRESSES[4]).json()
    assert (found["repaid"], found["defaulted"], found["refused"]) == (1, 1, 1)
    assert (found["roc_auc"], found["needed_of_each"]) == (None, 100)
    assert (found["total"]["predicted"], found["total"]["observed"]) == (0.25, 0.5)
    assert [(band["from"], band["to"], band["count"]) for band in found["bands"]] == [(0.2, 0.3, 2)]
    assert [month["month"] for month in found["months"]] == [f"{TODAY:%Y-%m}"]
    rows = admin_client.get(ADDRESSES[3]).content.decode().splitlines()
    assert rows[1].startswith("All,,,2,0.25,0.5,")
    assert (
        admin_client.get(reverse("admin:predictions_backtest", args=["catboost", SOLD_VERSION])).status_code
        == 404
    )


@pytest.mark.usefixtures("reported")
def test_an_outcome_shows_its_history(admin_client: Client, alice: User) -> None:
    outcome = Outcome.objects.get(user=alice)
    assert outcome.prediction
    report_outcome(outcome.prediction, "defaulted", TODAY, by=alice)
    page = admin_client.get(reverse("admin:predictions_outcome_change", args=[outcome.pk])).content.decode()
    assert "Former outcomes" in page
    assert "Repaid" in page
    listed = admin_client.get(ADDRESSES[0], {"q": "alice"}).content.decode()
    assert reverse("admin:predictions_outcome_change", args=[outcome.pk]) in listed
    others = Outcome.objects.exclude(user=alice)
    assert not [one for one in others if reverse("admin:predictions_outcome_change", args=[one.pk]) in listed]


@pytest.mark.usefixtures("reported")
def test_an_operator_needs_the_permission(client: Client, bob: User) -> None:
    bob.is_staff = True
    bob.save()
    client.force_login(bob)
    assert {client.get(address).status_code for address in ADDRESSES} == {403}
    bob.user_permissions.add(Permission.objects.get(codename="view_outcome"))
    assert {client.get(address).status_code for address in ADDRESSES} == {200}


@pytest.mark.django_db(transaction=True)
def test_reports_are_counted_by_version(bought: Bought, alice: User, counted: Counted) -> None:
    prediction = bought()
    for result in ("repaid", "repaid", "defaulted"):
        report_outcome(prediction, result, TODAY, by=alice)
    withdraw_outcome(prediction, by=alice)
    name, labels = "creditscore_outcomes_reported_total", {"model": VERSION[0], "version": VERSION[1]}
    found = {one: counted(name, result=one, **labels) for one in ("repaid", "defaulted", "withdrawn")}
    assert found == {"repaid": 1, "defaulted": 1, "withdrawn": 1}
