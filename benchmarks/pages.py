"""Server time of every page for a customer with a long history: ``python benchmarks/pages.py [rows]``.

Creates a test database on the server of `DATABASE_URL` (a file for SQLite) and drops it at the end. One
customer gets `rows` predictions (100,000 by default) within the last 30 days, each with its charge, and
one in fifty with a refund; another customer gets one. Both customers' pages are requested in turn in this
process, so the ratio shows the cost of a long history.
"""

import random
import sys
import uuid
from dataclasses import asdict
from datetime import datetime, timedelta

from bench import analyze, milliseconds, quantile, request_page, temporary_service
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing import services
from billing.models import Entry, Wallet
from predictions import catalog
from predictions.models import Prediction
from predictions.orders.labels import fold_label
from predictions.scoring.explain import explain
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.schema import EXAMPLE

Status = Prediction.Status
REQUESTS_PER_PAGE = 40
REFUND_EVERY = 50
BATCH = 2_000
PERIOD = timedelta(days=30)


def main(rows: int) -> None:
    with temporary_service():
        for model in (Entry, Prediction):
            # `seed` sets the times.
            model._meta.get_field("created_at").auto_now_add = False
        random.seed(0)
        people = {count: User.objects.create(username=f"bench-{count}") for count in (rows, 1)}
        for count, user in people.items():
            seed(user, count)
        analyze()
        measure(*people.values())
        print(f"check_ledger: {milliseconds(lambda: call_command('check_ledger')):.0f} ms")


def seed(user: User, count: int) -> None:
    """Add `count` predictions with their entries, spread evenly over the last 30 days."""
    ledger = Ledger(services.wallet_of(user))
    facts = parse_applicant(EXAMPLE)
    models = [offer.model for offer in catalog.offers()]
    artifacts = {model: catalog.artifact_for_sale(model) for model in models}
    explanations = {
        model: asdict(explain(settings.ARTIFACTS_DIR, artifacts[model], facts)) for model in models
    }
    first = timezone.now() - PERIOD
    ledger.book([(Entry.Kind.TOP_UP, sum(model.price for model in models) * count, first, None)])
    for start in range(0, count, BATCH):
        numbers = range(start, min(start + BATCH, count))
        times = [first + PERIOD * ((number + 1) / (count + 1)) for number in numbers]
        sold = [random.choice(models) for _number in numbers]
        charges = ledger.book(
            [(Entry.Kind.CHARGE, -model.price, at, None) for model, at in zip(sold, times, strict=True)]
        )
        canceled = charges[REFUND_EVERY - 1 :: REFUND_EVERY]
        ledger.book([(Entry.Kind.REFUND, -charge.amount, times[-1], charge) for charge in canceled])
        Prediction.objects.bulk_create(
            Prediction(
                user=user,
                model=model,
                model_version=artifacts[model].version,
                artifact_sha256=artifacts[model].sha256,
                price=model.price,
                charge=charge,
                applicant=facts | {"loan_amnt": 1_000 + number % 30_000},
                label=f"Иванов {number}, квартира",
                label_folded=fold_label(f"Иванов {number}, квартира"),
                status=Status.CANCELED if charge in canceled else Status.SUCCEEDED,
                approval_probability=None if charge in canceled else random.random(),
                explanation=None if charge in canceled else explanations[model],
                created_at=at,
                queued_at=at,
                finished_at=at,
            )
            for number, at, model, charge in zip(numbers, times, sold, charges, strict=True)
        )


class Ledger:
    """Adds many entries at once, each with its running balance."""

    def __init__(self, wallet: Wallet) -> None:
        self.wallet, self.balance = wallet, wallet.balance

    def book(self, rows: list[tuple[Entry.Kind, int, datetime, Entry | None]]) -> list[Entry]:
        entries = []
        for kind, amount, at, reverses in rows:
            self.balance += amount
            entries.append(
                Entry(
                    wallet=self.wallet,
                    kind=kind,
                    amount=amount,
                    balance_after=self.balance,
                    reverses=reverses,
                    request_key=str(uuid.uuid4()),
                    created_at=at,
                )
            )
        Entry.objects.bulk_create(entries)
        Wallet.objects.filter(pk=self.wallet.pk).update(balance=self.balance)
        return entries


def pages(user: User) -> dict[str, str]:
    """Return the addresses of all pages of a customer, by name."""
    newest = Prediction.objects.of(user).filter(status=Status.SUCCEEDED).latest("created_at")
    day = (timezone.now() - PERIOD / 2).date()
    form = f"?form={services.new_request_key()}"
    history, transactions = reverse("predictions:history"), reverse("predictions:transactions")
    return {
        "home": reverse("home"),
        "models": reverse("predictions:models"),
        "a model's card": reverse("predictions:model", args=["catboost"]),
        "dashboard": reverse("predictions:dashboard"),
        "new prediction": reverse("predictions:new") + form,
        "new comparison": reverse("predictions:comparison-new") + form,
        "a result": reverse("predictions:detail", args=[newest.pk]),
        "history": history,
        "history, canceled": f"{history}?status=canceled",
        "history, one model, one day": f"{history}?model=catboost&since={day}&until={day}",
        "history, no such label": f"{history}?label=nobody",
        "history, highest, one day": f"{history}?sort=highest&since={day}&until={day}",
        "top up": reverse("billing:top-up") + form,
        "transactions": transactions,
        "transactions, refunds": f"{transactions}?kind=refund",
        "transactions, a month": f"{transactions}?month={timezone.now():%Y-%m}",
        "statement": reverse("predictions:statement"),
        "tokens": reverse("accounts:tokens"),
    }


def measure(long: User, short: User) -> None:
    browsers = {}
    for user in (long, short):
        browsers[user] = Client(SERVER_NAME="localhost")
        browsers[user].force_login(user)
    print(f"{'page':32} {'p50':>8} {'p95':>8}   p50 relative to a history of one")
    addresses = {user: pages(user) for user in browsers}
    for name in addresses[long]:
        times: dict[User, list[float]] = {long: [], short: []}
        for _turn in range(REQUESTS_PER_PAGE):
            for user, browser in browsers.items():
                times[user].append(request_page(browser, addresses[user][name]))
        p50, p95 = quantile(times[long], 0.5), quantile(times[long], 0.95)
        ratio = p50 / quantile(times[short], 0.5)
        print(f"{name:32} {p50:5.1f} ms {p95:5.1f} ms   {ratio:.2f} x")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
