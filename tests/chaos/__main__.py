"""``python -m tests.chaos --seed 7 --duration 600 --db sqlite``, or `make chaos`."""

import argparse
import random
import secrets
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path

from tests.chaos import disk, plan
from tests.chaos.client import Client
from tests.chaos.closing import close
from tests.chaos.customers import Customer
from tests.chaos.faults import Saboteur
from tests.chaos.file_customers import FileCustomer
from tests.chaos.history import History
from tests.chaos.load import (
    API_CUSTOMERS,
    FILE_CUSTOMERS,
    LITTLE_MONEY,
    MONEY,
    PAGE_CUSTOMERS,
    POOR_CUSTOMERS,
    Load,
)
from tests.chaos.logs import unexpected_errors
from tests.chaos.report import failed_checks, report
from tests.chaos.service import WEB, Service

# How long customers go on to ask for an answer after the last fault; and everything after it.
PATIENCE_SECONDS = 180
CLOSING_SECONDS = 900
START_SECONDS = 240
KINDS = {"api": API_CUSTOMERS, "page": PAGE_CUSTOMERS, "poor": POOR_CUSTOMERS, "file": FILE_CUSTOMERS}
NAMES = [f"{kind}-{number}" for kind, count in KINDS.items() for number in range(count)]
# Those with a webhook, beside all who send files.
LISTENERS = ("api-0", "api-1")


def main() -> int:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="creditscore-chaos-"))
    repeat = f"make chaos SEED={options.seed} DURATION={options.duration} DB={options.db}"
    signal.signal(signal.SIGTERM, _stop)
    print(f"Seed {options.seed}, {options.duration} s, {options.db}. The same again: {repeat}", flush=True)
    try:
        history = run(folder, options.seed, options.duration, options.db)
    except KeyboardInterrupt:
        shutil.rmtree(folder)
        print("Interrupted. Everything is stopped.")
        return 130
    except Exception:
        print(f"The run itself has failed. The logs are in {folder}/logs. The same again: {repeat}")
        raise
    failed = failed_checks(history)
    print("\n".join(report(history, failed)))
    if failed:
        print(f"\nThe logs are in {folder}/logs. The same again: {repeat}")
        return 1
    shutil.rmtree(folder)
    return 0


def run(folder: Path, seed: int, duration: float, database: str) -> History:
    """Start the service in `folder`, break it while customers use it, and return what happened."""
    stopping = threading.Event()
    with Service(folder, database, seed, has_disk=disk.have_own_mounts()) as service:
        try:
            return _run(service, seed, duration, stopping)
        finally:
            stopping.set()


def _run(service: Service, seed: int, duration: float, stopping: threading.Event) -> History:
    began = time.monotonic()

    def seconds() -> float:
        return time.monotonic() - began

    until = time.time() + START_SECONDS + duration + PATIENCE_SECONDS + CLOSING_SECONDS
    customers = _customers(service, seed, time.time() + START_SECONDS, stopping)
    print(f"{len(customers)} customers are there after {seconds():.0f} s", flush=True)
    history = History(time.time(), time.time() + duration)
    history.listeners = {one.name for one in customers if one.listens}
    load = Load(customers, history.load_to, stopping)
    saboteur = Saboteur(service, plan.faults(seed, duration, service.present), stopping)
    for customer in customers:
        customer.client.until = history.load_to + PATIENCE_SECONDS
    load.start()
    saboteur.run()
    load.join()
    print(f"The load has ended after {seconds():.0f} s", flush=True)
    for customer in customers:
        customer.client.until = until
    close(customers, history, service.receiver)
    print(f"Everything has settled after {seconds():.0f} s", flush=True)
    history.operations = [operation for customer in customers for operation in customer.operations]
    history.mishaps += [*load.mishaps, *saboteur.mishaps]
    history.faults, history.exits = saboteur.spans, service.supervisor.exits
    ledger = service.run("manage.py", "check_ledger", "--full")
    history.ledger_code, history.ledger_output = ledger.returncode, ledger.stdout
    history.error_lines = list(unexpected_errors(service[WEB].log))
    return history


def _customers(service: Service, seed: int, until: float, stopping: threading.Event) -> list[Customer]:
    """Sign everybody up. The first one waits for a result: then the whole service is there."""
    customers: list[Customer] = []
    for name in NAMES:
        client = Client(service.port, until, stopping, random.Random(f"client {seed} {name}"))
        own_seed = f"customer {seed} {name}"
        if name.startswith("file"):
            customer: Customer = FileCustomer(name, client, own_seed, stopping)
        else:
            customer = Customer(name, client, own_seed)
        customer.sign_up()
        if isinstance(customer, FileCustomer) or name in LISTENERS:
            customer.listen(service.receiver)
        if not isinstance(customer, FileCustomer):
            customer.top_up(LITTLE_MONEY if name.startswith("poor") else MONEY)
        if not customers:
            customer.wait_for_a_result()
        if name.startswith("page"):
            customer.log_in_to_the_site()
        customers.append(customer)
    return customers


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(1_000_000))
    parser.add_argument("--duration", type=int, default=600, help="seconds of load")
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    return parser.parse_args()


def _stop(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
