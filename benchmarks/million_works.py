"""What `million_rows.py` measures: pages, calls of the API, lists of the admin, and the work between them.

Whatever reads or writes a table that grows is here. Each work returns the milliseconds that it took.
"""

import io
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, TypeAlias
from urllib.parse import urlencode

from bench import milliseconds, request_page, timed_response
from django.contrib import admin
from django.core.management import call_command
from django.db.models import Model, QuerySet
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import tokens
from accounts.keyset import NEWEST_FIRST, SortOrder
from accounts.models import User
from billing import services
from billing.models import Entry, Wallet
from billing.pagination import ENTRIES_NEWEST_FIRST
from creditscore.http.metrics import State
from predictions.jobs import monitor, worker
from predictions.models import Comparison, Prediction, ScoringModel
from predictions.orders.comparisons import order_comparison
from predictions.results import explanations
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.schema import EXAMPLE
from predictions.site.forms.history import SORTS

Work: TypeAlias = Callable[[], float]


def works(operator: User, customer: User) -> dict[str, Work]:
    """Return what depends on the customer, by name."""
    services.record_payment(
        user=customer, amount=1_000_00, reference="benchmark", request_key=services.new_request_key()
    )
    comparison = order_comparison(
        user=customer, applicant=parse_applicant(EXAMPLE), request_key=services.new_request_key()
    )
    worker.score_queued()
    for part in comparison.predictions.select_related("model"):
        explanations.explain_and_store([part])
    return in_api(customer, comparison) | on_site(customer, comparison) | in_admin(operator, customer)


def pages(browser: Client, addresses: dict[str, str]) -> dict[str, Work]:
    return {name: partial(request_page, browser, address) for name, address in addresses.items()}


def cursor(rows: QuerySet[Any], order: SortOrder) -> str:
    """Return the cursor of the page in the middle of the list."""
    return urlencode({"cursor": order.cursor("n", order.sorted(rows)[rows.count() // 2])})


def in_api(customer: User, comparison: Comparison) -> dict[str, Work]:
    browser = Client(
        SERVER_NAME="localhost", headers={"Authorization": f"Bearer {tokens.issue(customer).access}"}
    )
    transactions, predictions = reverse("api:transactions"), reverse("api:predictions")
    result = comparison.predictions.all()[0]
    entries, own = Entry.objects.filter(wallet__user=customer), Prediction.objects.of(customer)
    addresses = {
        "me": reverse("api:me"),
        "balance": reverse("api:balance"),
        "transactions": transactions,
        "transactions, refunds": f"{transactions}?kind=refund",
        "transactions, bonuses": f"{transactions}?kind=bonus",
        "transactions, deep page": f"{transactions}?{cursor(entries, ENTRIES_NEWEST_FIRST)}",
        "predictions": predictions,
        "predictions, failed": f"{predictions}?status=failed",
        "predictions, queued": f"{predictions}?status=queued",
        "predictions, one model": f"{predictions}?model=catboost",
        "predictions, deep page": f"{predictions}?{cursor(own, NEWEST_FIRST)}",
        "a prediction": reverse("api:prediction", args=[result.pk]),
        "its explanation": reverse("api:explanation", args=[result.pk]),
        "its curve": reverse("api:curve", args=[result.pk]) + "?field=loan_amnt",
        "a comparison": reverse("api:comparison", args=[comparison.pk]),
    }
    reads = pages(browser, {f"API {name}": address for name, address in addresses.items()})
    return reads | writes(browser, customer, result)


def writes(browser: Client, customer: User, result: Prediction) -> dict[str, Work]:
    """Return the calls that move money, in turn: paid in, spent, refunded; and those on a result."""
    ordered: dict[str, str] = {}

    def write(method: str, address: str, body: object = None, status: int = 200) -> tuple[float, Any]:
        headers = {"Idempotency-Key": services.new_request_key()}
        return timed_response(
            getattr(browser, method), address, body, status, content_type="application/json", headers=headers
        )

    def top_up() -> float:
        return write("post", reverse("api:top-ups"), {"amount": "100.00"}, 201)[0]

    def order(name: str, **body: object) -> float:
        body |= {"applicant": EXAMPLE, "label": "Ivanov"}
        taken, response = write("post", reverse(f"api:{name}s"), body, 202)
        ordered[name] = response.json()["id"]
        return taken

    def cancel(name: str) -> float:
        address = reverse(f"api:{name}-cancel", args=[ordered[name]])
        return write("post", address)[0]

    named: dict[str, Work] = {
        "top up": top_up,
        "order": partial(order, "prediction", model="catboost"),
        "cancel": partial(cancel, "prediction"),
        "order a comparison": partial(order, "comparison"),
        "cancel a comparison": partial(cancel, "comparison"),
        "label": lambda: write("patch", reverse("api:prediction", args=[result.pk]), {"label": "A"})[0],
        "what if": lambda: write("post", reverse("api:what-if", args=[result.pk]), {"changes": {}})[0],
        "check": lambda: write("post", reverse("api:check", args=[result.pk]))[0],
    }
    return {f"API {name}": work for name, work in named.items()}


def on_site(customer: User, comparison: Comparison) -> dict[str, Work]:
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(customer)
    result = comparison.predictions.all()[0]
    history, transactions = reverse("predictions:history"), reverse("predictions:transactions")
    statement = reverse("predictions:statement")
    now, day = timezone.now(), (timezone.now() - timedelta(days=15)).date()
    form = f"?form={services.new_request_key()}"
    entries, own = Entry.objects.filter(wallet__user=customer), Prediction.objects.of(customer)
    filters = {
        "canceled": "status=canceled",
        "queued": "status=queued",
        "one model": "model=catboost",
        "one model, one day": f"model=catboost&since={day}&until={day}",
        "label": "label=Ivanov",
        "no such label": "label=nobody",
        "only comparisons": "comparisons=on",
        "highest, one day": f"sort=highest&since={day}&until={day}",
        "highest, no such label": "sort=highest&label=nobody",
        "deep page": cursor(own, NEWEST_FIRST),
        **{name: f"sort={name}" for name in SORTS},
    }
    addresses = {
        "home": reverse("home"),
        "models": reverse("predictions:models"),
        "dashboard": reverse("predictions:dashboard"),
        "new prediction": reverse("predictions:new") + form,
        "repeat a prediction": f"{reverse('predictions:new')}{form}&from={result.pk}",
        "new comparison": reverse("predictions:comparison-new") + form,
        "a result": reverse("predictions:detail", args=[result.pk]),
        "a comparison": reverse("predictions:comparison", args=[comparison.pk]),
        **{f"history, {name}": f"{history}?{query}" for name, query in filters.items()},
        "history.csv, begun": reverse("predictions:history-csv"),
        "history.csv, highest, begun": reverse("predictions:history-csv") + "?sort=highest",
        "history.csv, no such label": reverse("predictions:history-csv") + "?label=nobody",
        "top up": reverse("billing:top-up") + form,
        "transactions": transactions,
        "transactions, refunds": f"{transactions}?kind=refund",
        "transactions, a month": f"{transactions}?month={now:%Y-%m}",
        "transactions, deep page": f"{transactions}?{cursor(entries, ENTRIES_NEWEST_FIRST)}",
        "transactions.csv, begun": reverse("predictions:transactions-csv"),
        "statement": statement,
        "statement, month before": f"{statement}?month={now - timedelta(days=now.day):%Y-%m}",
        "tokens": reverse("accounts:tokens"),
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
    wallet = services.wallet_of(customer)
    canceled = Prediction.objects.of(customer).filter(status=Prediction.Status.CANCELED)[0]
    shown: list[Model] = [customer, wallet, canceled, canceled.charge]
    for row in shown:
        for page in ("change", "history"):
            name = f"admin:{row._meta.app_label}_{row._meta.model_name}_{page}"
            addresses[f"admin {row._meta.model_name}: {page}"] = reverse(name, args=[row.pk])
    addresses["admin: index"] = reverse("admin:index")
    addresses["admin wallet: adjust"] = reverse("admin:billing_wallet_adjust", args=[wallet.pk])
    action = {"action": "refund", "_selected_action": str(canceled.pk)}
    predictions = reverse("admin:predictions_prediction_changelist")
    refund: Work = lambda: timed_response(browser.post, predictions, action, 302)[0]  # noqa: E731
    return pages(browser, addresses) | {"admin prediction: refund": refund}


def admin_queries(customer: User) -> dict[str, dict[str, str]]:
    """Return the queries of each list by what they ask for."""
    entry = Entry.objects.order_by("pk")[0]
    prediction = Prediction.objects.order_by("created_at")[0]
    other = ScoringModel.objects.order_by("-pk")[0]
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
        | {kind: f"kind__exact={kind}" for kind in Entry.Kind.values}
        | {
            "ID": f"q={entry.public_id}",
            "note": "q=payment-0",
            "bonus, last week": f"kind__exact=bonus&{recent}",
            "refunds of a user": f"q={customer.username}&kind__exact=refund",
            "bonuses of a user": f"q={customer.username}&kind__exact=bonus",
        }
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
            "failed of a user": f"q={customer.username}&status__exact=failed",
            "queued of a user": f"q={customer.username}&status__exact=queued",
        }
        | deep(Prediction),
        "accounts_user": people
        | {"ID": f"q={customer.pk}", "staff": "is_staff__exact=1", "inactive": "is_active__exact=0"}
        | deep(User),
    }


def between() -> dict[str, Work]:
    """Return what is of no customer: accounts, health, the work of the clock and of idle workers, audits."""
    browser = Client(SERVER_NAME="localhost")
    account = {"username": "benchmark", "password": services.new_request_key()}
    new = {**account, "email": "benchmark@example.org"}
    send = partial(timed_response, browser.post, content_type="application/json")

    def register() -> float:
        User.objects.filter(username="benchmark").delete()
        return send(reverse("api:register"), new, 201)[0]

    def log_in() -> float:
        return send(reverse("api:token"), account)[0]

    def check(*arguments: str) -> float:
        return milliseconds(lambda: call_command("check_ledger", *arguments, stdout=io.StringIO()))

    def check_new() -> float:
        for wallet in Wallet.objects.select_related("user")[:100]:
            services.record_payment(
                user=wallet.user, amount=1, reference="benchmark", request_key=services.new_request_key()
            )
        return check()

    return {
        "API register": register,
        "API log in": log_in,
        "healthz": partial(request_page, browser, reverse("healthz")),
        "metrics: state": lambda: milliseconds(lambda: list(State().collect())),
        "monitor": lambda: milliseconds(monitor.settle_open),
        "worker: nothing queued": lambda: milliseconds(worker.score_queued),
        "explainer: nothing asked for": lambda: milliseconds(explanations.Explainer().explain_requested),
        "check_ledger --full": partial(check, "--full"),
        "check_ledger, 100 new": check_new,
    }
