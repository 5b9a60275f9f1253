"""How lists, searches, reports and `check_ledger` grow: ``python benchmarks/million_rows.py [predictions]``.

Measures an almost empty database first, then one with `predictions` (1,000,000 by default) and twice as many
ledger entries, a tenth of them in the last 30 days of one customer. The large one is measured as it is after
loading, when the database knows nothing about it, and after ANALYZE. Needs about 2 GB of disk.
"""

import io
import sys
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import urlencode

from bench import analyze, milliseconds, quantile, request_page, temporary_service
from bench_seed import seed
from django.contrib import admin
from django.core.management import call_command
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tokens
from accounts.models import User
from billing import services
from billing.models import Entry, Wallet
from predictions.models import Prediction, ScoringModel

Work: TypeAlias = Callable[[], float]
# Each is measured this often, but a slow one no longer than this.
TIMES, SECONDS = 15, 5.0
ROWS_PER_WALLET = 10


def main(predictions: int) -> None:
    with temporary_service():
        operator = User.objects.create_superuser("operator", "operator@example.org")
        now = timezone.now()
        month, years = now - timedelta(days=30), now - timedelta(days=730)
        seed("few", wallets=1, rows=10, since=month, until=now, operator=operator)
        runs = [measured("almost empty", operator, User.objects.get(username="few-0"))]
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                for model in (User, Entry, Prediction):
                    cursor.execute(f"ALTER TABLE {model._meta.db_table} SET (autovacuum_enabled = off)")
        many = predictions * 9 // 10 // ROWS_PER_WALLET
        seed("customer", wallets=many, rows=ROWS_PER_WALLET, since=years, until=now, operator=operator)
        seed("large", wallets=1, rows=predictions // 10, since=month, until=now, operator=operator)
        large = User.objects.get(username="large-0")
        runs.append(measured("loaded", operator, large))
        analyze()
        runs.append(measured("analyzed", operator, large))
        report(*runs)


def measured(state: str, operator: User, customer: User) -> dict[str, list[float]]:
    print(f"measuring: {state}", file=sys.stderr)
    return {name: repeated(name, work) for name, work in works(operator, customer).items()}


def repeated(name: str, work: Work) -> list[float]:
    times = [work()]
    print(f"{name}: {times[0]:.0f} ms the first time", file=sys.stderr)
    while len(times) < TIMES and sum(times) < SECONDS * 1000:
        times.append(work())
    return times


def works(operator: User, customer: User) -> dict[str, Work]:
    return in_api(customer) | on_site(customer) | in_admin(operator, customer) | commands()


def pages(browser: Client, addresses: dict[str, str]) -> dict[str, Work]:
    return {name: partial(request_page, browser, address) for name, address in addresses.items()}


def in_api(customer: User) -> dict[str, Work]:
    browser = Client(
        SERVER_NAME="localhost", headers={"Authorization": f"Bearer {tokens.issue(customer).access}"}
    )
    transactions, predictions = reverse("api:transactions"), reverse("api:predictions")
    addresses = {
        "transactions": transactions,
        "transactions, refunds": f"{transactions}?kind=refund",
        "predictions": predictions,
        "predictions, failed": f"{predictions}?status=failed",
        "predictions, one model": f"{predictions}?model=catboost",
    }
    return pages(browser, {f"API {name}": address for name, address in addresses.items()})


def on_site(customer: User) -> dict[str, Work]:
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(customer)
    addresses = {
        "dashboard": reverse("predictions:dashboard"),
        "statement": reverse("predictions:statement"),
        "transactions": reverse("predictions:transactions"),
    }
    return pages(browser, {f"site {name}": address for name, address in addresses.items()})


def in_admin(operator: User, customer: User) -> dict[str, Work]:
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(operator)
    addresses = {
        f"admin {name.split('_')[1]}: {title}": reverse(f"admin:{name}_changelist") + f"?{query}"
        for name, queries in admin_queries(customer).items()
        for title, query in queries.items()
    }
    return pages(browser, addresses)


def admin_queries(customer: User) -> dict[str, dict[str, str]]:
    """Return the queries of each list by what they ask for."""
    entry, prediction = (
        Entry.objects.order_by("pk").first(),
        Prediction.objects.order_by("created_at").first(),
    )
    other = ScoringModel.objects.order_by("-pk")[0]
    assert entry
    assert prediction
    people = {
        "newest": "",
        "username": f"q={customer.username}",
        "email": f"q={customer.email}",
        "nobody": "q=nobody",
    }
    recent = f"created_at__gte={timezone.now().date() - timedelta(days=7)}+00:00%2B00:00"
    days = {"last week": recent, "before all": "created_at__lt=2020-01-01+00:00%2B00:00"}
    model = f"model__id__exact={other.pk}"

    def deep(model: type[Model]) -> dict[str, str]:
        model_admin: Any = admin.site.get_model_admin(model)
        order = model_admin.sort_order
        rows = order.sorted(model._default_manager.all())
        return {"deep page": urlencode({"p": order.cursor("n", rows[rows.count() // 2])})}

    return {
        "billing_entry": people
        | days
        | {kind: f"kind__exact={kind}" for kind in ("charge", "refund", "adjustment")}
        | {
            "ID": f"q={entry.public_id}",
            "note": "q=payment-0",
            "bonus, last week": f"kind__exact=bonus&{recent}",
        }
        | {"refunds of a user": f"q={customer.username}&kind__exact=refund"}
        | deep(Entry),
        "billing_wallet": people | deep(Wallet),
        "predictions_prediction": people
        | days
        | {status: f"status__exact={status}" for status in Prediction.Status.values}
        | {failure: f"failure__exact={failure}" for failure in ("deadline_passed", "model_unavailable")}
        | {
            "ID": f"q={prediction.pk}",
            "model": model,
            "failed, model, week": f"status__exact=failed&{model}&{recent}",
        }
        | {"failed of a user": f"q={customer.username}&status__exact=failed"}
        | deep(Prediction),
        "accounts_user": people
        | {"ID": f"q={customer.pk}", "staff": "is_staff__exact=1", "inactive": "is_active__exact=0"}
        | deep(User),
    }


def commands() -> dict[str, Work]:
    def check(*arguments: str) -> float:
        return milliseconds(lambda: call_command("check_ledger", *arguments, stdout=io.StringIO()))

    def check_new() -> float:
        for wallet in Wallet.objects.select_related("user")[:100]:
            services.record_payment(
                user=wallet.user, amount=1, reference="benchmark", request_key=services.new_request_key()
            )
        return check()

    return {"check_ledger --full": partial(check, "--full"), "check_ledger, 100 new": check_new}


def report(
    empty: dict[str, list[float]], loaded: dict[str, list[float]], analyzed: dict[str, list[float]]
) -> None:
    print(f"{'milliseconds':40} {'empty':>8} {'loaded':>17} {'analyzed':>17}  ratio of p50")
    print(f"{'':40} {'p50':>8} {'p50':>8} {'p95':>8} {'p50':>8} {'p95':>8}  to empty")
    for name in empty:
        figures = [quantile(empty[name], 0.5)]
        figures += [quantile(run[name], share) for run in (loaded, analyzed) for share in (0.5, 0.95)]
        print(
            f"{name:40} {' '.join(f'{figure:8.1f}' for figure in figures)}  {figures[3] / figures[0]:.1f} x"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
