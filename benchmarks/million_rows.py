"""How pages and calls of the API grow: ``python benchmarks/million_rows.py [predictions [part of a name]]``.

Compares a small database, whose pages are full, with one that has `predictions` (1,000,000 by default) and
twice as many ledger entries, a tenth of them in the last 30 days of one customer. The large one is measured
as it is after loading, when all that the database knows of it is from before, and after VACUUM and ANALYZE;
for the customer of the small one, for whom only the tables have grown, and for the one with the tenth. Needs
3 GB of disk and an hour.

Databases and works take turns, so that what else the machine does meets all of them. The ratios are those of
p50 and of p95 to the same in the small database. All times of a work are for the same rows, so what is chance
is in p95 alone: a work has a mark if both of its ratios are over `AIM`.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Any, NamedTuple, TypeAlias

from bench import analyze, quantile, temporary_service, twin, using
from bench_seed import seed
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections
from django.utils import timezone
from million_works import between, works

from accounts.models import User
from billing.models import Entry, SpendingDay, Wallet, WalletProof
from predictions.models import Prediction

AIM = 1.5
# Each work is measured this often, but a slow one no longer than this.
TIMES, SECONDS = 25, 5.0
ROWS_PER_WALLET = 10
# Of the customer in the small database: as many as a file reads at a time.
FEW = 2_000
GROWING = (User, Wallet, Entry, WalletProof, SpendingDay, Prediction)


class Place(NamedTuple):
    """A database and a customer in it."""

    database: Any
    customer: str


Times: TypeAlias = dict[str, list[float]]


def main(predictions: int, part: str) -> None:
    # Hashing would hide what a log-in looks up.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with temporary_service():
        operator = User.objects.create_superuser("operator", "operator@example.org")
        now = timezone.now()
        month, years = now - timedelta(days=30), now - timedelta(days=730)
        seed("other", wallets=200, rows=10, since=years, until=now, operator=operator, rare=2)
        seed("few", wallets=1, rows=FEW, since=month, until=now, operator=operator, rare=10)
        analyze()
        with twin() as small:
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    for model in GROWING:
                        cursor.execute(f"ALTER TABLE {model._meta.db_table} SET (autovacuum_enabled = off)")
            many = predictions * 9 // 10 // ROWS_PER_WALLET
            seed("customer", wallets=many, rows=ROWS_PER_WALLET, since=years, until=now, operator=operator)
            seed("large", wallets=1, rows=predictions // 10, since=month, until=now, operator=operator)
            places = (
                Place(small, "few-0"),
                *(Place(connections["default"], name) for name in ("few-0", "large-0")),
            )
            for state in ("loaded", "analyzed"):
                for line in report(state, measured(places, part)):
                    print(line, flush=True)
                analyze()


def measured(places: Sequence[Place], part: str) -> list[Times]:
    """Return the milliseconds of each work with this part in its name, without those of the first time."""
    gc.unfreeze()
    named = []
    for place in places:
        with using(place.database):
            operator, customer = (User.objects.get(username=name) for name in ("operator", place.customer))
            named.append(works(operator, customer))
            if customer.username == "few-0":
                named[-1] |= between()
    # As the web role does before it serves.
    gc.collect()
    gc.freeze()
    times: list[Times] = [{name: [] for name in of_place if part in name} for of_place in named]
    for turn in range(TIMES + 1):
        # It holds the counts of limits only.
        cache.clear()
        for name in times[0]:
            for place, of_place, taken in zip(places, named, times, strict=True):
                if name in taken and sum(taken[name]) < SECONDS * 1000:
                    with using(place.database):
                        taken[name].append(of_place[name]())
                if turn == 0 and name in taken:
                    print(
                        f"{name}, {place.customer}: {taken[name][0]:.0f} ms the first time", file=sys.stderr
                    )
    return [{name: taken[1:] or taken for name, taken in of_place.items()} for of_place in times]


def report(state: str, times: Sequence[Times]) -> Iterator[str]:
    small, *others = times
    yield f"{state}: ms, p50 and p95 {'small database':>31} {'large database':>27} {'large customer':>27}"
    for name, taken in small.items():
        before = p50_p95(taken)
        line = f"{name:38} {before[0]:7.1f} {before[1]:7.1f} "
        for other in others:
            if name in other:
                after = p50_p95(other[name])
                ratios = [now / then for now, then in zip(after, before, strict=True)]
                mark = "*" if min(ratios) > AIM else " "
                line += f" {after[0]:7.1f} {after[1]:7.1f} {ratios[0]:4.1f} {ratios[1]:4.1f}{mark}"
        yield line


def p50_p95(taken: list[float]) -> tuple[float, float]:
    return quantile(taken, 0.5), quantile(taken, 0.95)


if __name__ == "__main__":
    predictions, part = [*sys.argv[1:], *["1_000_000", ""][len(sys.argv) - 1 :]]
    main(int(predictions), part)
