"""How fast the history and the transactions are sent as CSV files: ``python benchmarks/exports.py [rows]``.

One customer gets `rows` predictions (100,000 by default) and twice as many ledger entries. Each file is read
to its end in this process, with the limits that the web role has on the time of a statement.
"""

import gc
import sys
import time
from datetime import timedelta

from bench import temporary_service
from bench_seed import one_customer
from django.db import connection
from django.test import Client
from django.urls import reverse

from creditscore.http.database import limit_waiting

TIMES = 3


def main(rows: int) -> None:
    with temporary_service():
        customer = one_customer(rows, timedelta(days=30))
        # As gunicorn.conf.py does. The limits are those of new connections.
        gc.collect()
        gc.freeze()
        limit_waiting()
        connection.close()
        browser = Client(SERVER_NAME="localhost")
        browser.force_login(customer)
        history, transactions = reverse("predictions:history-csv"), reverse("predictions:transactions-csv")
        for address in (history, f"{history}?sort=highest", transactions):
            measure(browser, address)


def measure(browser: Client, address: str) -> None:
    """Print the fastest of `TIMES` downloads."""
    best = min((download(browser, address) for _ in range(TIMES)), key=lambda figures: figures[1])
    lines, seconds, longest = best
    print(
        f"{address:38} {lines:9,} rows {lines / seconds:8,.0f} rows/s, at most {longest * 1000:.0f} ms waited"
    )


def download(browser: Client, address: str) -> tuple[int, float, float]:
    """Return rows, seconds, and the longest time between two pieces; exit unless the status is 200."""
    began = last = time.perf_counter()
    response = browser.get(address)
    if response.status_code != 200:
        sys.exit(f"{address}: {response.status_code}")
    lines, longest = -1, 0.0
    for piece in response.streaming_content:  # type: ignore[attr-defined]  # it is a streaming response
        lines += piece.count(b"\n")
        now = time.perf_counter()
        longest, last = max(longest, now - last), now
    return lines, time.perf_counter() - began, longest


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
