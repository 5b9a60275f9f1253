"""Orders per second and what they cost: ``make bench-orders``, or ``python benchmarks/orders.py URL``.

Without a URL, a service is started in a folder of its own, on the database of `DATABASE_URL` (which must be
empty) or SQLite. Three things are measured with 1, 8 and 32 clients: `GET balance/`, orders, and bare
transactions of the same rows (pgbench, or the sqlite3 module). Compare ratios: all three are of one run on
one machine, clients included. Processor time is that of the started service until all orders have a result.
"""

import argparse
import json
import os
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.support.processes import free_port

ROOT = Path(__file__).resolve().parents[1]
CLIENTS = (1, 8, 32)
MODELS = ("logistic-regression", "random-forest", "catboost")
APPLICANT = {
    "person_age": 32,
    "person_income": 68_000,
    "person_home_ownership": "MORTGAGE",
    "person_emp_length": 6,
    "loan_intent": "EDUCATION",
    "loan_grade": "B",
    "loan_amnt": 9_000,
    "loan_int_rate": 10.5,
    "cb_person_default_on_file": "N",
    "cb_person_cred_hist_length": 8,
}
ROLES = {"web": "gunicorn", "worker": "--queues orders", "database": "postgres: "}
TICKS = os.sysconf("SC_CLK_TCK")
# The same rows as an order writes, without their indexes.
TABLES = (
    "CREATE TABLE bare_wallet (id integer PRIMARY KEY, balance bigint)",
    "CREATE TABLE bare_row (id integer, body text)",
)
FILL = "INSERT INTO bare_wallet VALUES ({}, 0)"
BARE = (
    "UPDATE bare_wallet SET balance = balance - 1 WHERE id = {}",
    *3 * ("INSERT INTO bare_row VALUES ({}, '{}')",),
)
BODY = "x" * 600


@dataclass
class Answers:
    """Seconds that each request took, of all clients together."""

    seconds: list[float] = field(default_factory=list)
    duration: float = 0.0

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.duration

    def quantile(self, share: float) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * share)] * 1000

    def __str__(self) -> str:
        return f"{self.rate:7.0f}/s  p50 {self.quantile(0.5):6.1f} ms  p99 {self.quantile(0.99):7.1f} ms"


class Client:
    """A customer with a token and a connection that stays open."""

    def __init__(self, address: str, headers: dict[str, str] | None = None) -> None:
        """A new customer, or the one of these `headers`."""
        self.connection = HTTPConnection(urlsplit(address).netloc, timeout=60)
        self.headers = headers or {"Content-Type": "application/json"}
        if headers:
            return
        person = {"username": f"bench-{secrets.token_hex(6)}", "password": secrets.token_urlsafe(16)}
        self.request("POST", "auth/register/", person | {"email": "bench@example.org"})
        token = self.request("POST", "auth/token/", person)["access"]
        self.headers["Authorization"] = f"Bearer {token}"
        for _number in range(6):
            self.request("POST", "top-ups/", {"amount": "100000.00"})

    def request(self, method: str, path: str, body: object = None, **headers: str) -> dict[str, str]:
        """Return the JSON answer; exits on an error status."""
        content = json.dumps(body) if body else None
        self.connection.request(method, f"/api/v1/{path}", content, self.headers | headers)
        response = self.connection.getresponse()
        answer: dict[str, str] = json.loads(response.read())
        if response.status >= 300:
            sys.exit(f"{method} {path}: {response.status} {answer}")
        return answer

    def balance(self) -> None:
        self.request("GET", "balance/")

    def order(self, model: str = MODELS[0], prefer: str = "") -> str:
        """Return the id of the prediction."""
        body = {"model": model, "applicant": APPLICANT}
        headers = {"Idempotency-Key": secrets.token_hex(8), **({"Prefer": prefer} if prefer else {})}
        answer = self.request("POST", "predictions/", body, **headers)
        if prefer and answer["status"] != "succeeded":
            sys.exit(f"not finished: {answer}")
        return answer["id"]


def together(work: Sequence[Callable[[], object]], seconds: float) -> Answers:
    """Do each piece of work again and again in a thread of its own."""
    answers, began = Answers(), time.perf_counter()

    def repeat(do: Callable[[], object]) -> None:
        while (start := time.perf_counter()) < began + seconds:
            do()
            answers.seconds.append(time.perf_counter() - start)

    threads = [threading.Thread(target=repeat, args=(do,)) for do in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    answers.duration = time.perf_counter() - began
    return answers


def processor_seconds() -> dict[str, float]:
    """Return the seconds that the processes of each of `ROLES` have used, whoever started them."""
    used = dict.fromkeys(ROLES, 0.0)
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            numbers = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # It has ended.
            continue
        for role, sign in ROLES.items():
            if sign in command:
                used[role] += (int(numbers[11]) + int(numbers[12])) / TICKS
    return used


@contextmanager
def own_service() -> Iterator[str]:
    """Start the service and return its address; stop it at the end."""
    folder, port = tempfile.mkdtemp(prefix="creditscore-bench-"), free_port()
    environment = os.environ | {
        "VAR_DIR": folder, "ENV_FILE": f"{folder}/env", "PORT": str(port), "ORDERS_PER_MINUTE": "0",
        "LOG_FORMAT": "json", "CONFIRM_FROM": "1000000",
    }  # fmt: skip
    with Path(folder, "log").open("w") as log:
        command = [sys.executable, "-m", "creditscore.run.local"]
        service = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_healthy(address, service)
        yield address
    finally:
        service.send_signal(signal.SIGINT)
        service.wait()
        shutil.rmtree(folder)


def wait_until_healthy(address: str, service: subprocess.Popen[bytes]) -> None:
    while service.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/readyz", timeout=5) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    sys.exit("The service does not start.")


def wait_for_results(client: Client) -> None:
    while any(
        client.request("GET", f"predictions/?status={state}")["results"] for state in ("queued", "running")
    ):
        time.sleep(0.05)


def bare_transactions(clients: int, seconds: int) -> str:
    """Return the rate of transactions of the same rows, without a service."""
    with tempfile.TemporaryDirectory() as folder:
        if database := os.environ.get("DATABASE_URL", ""):
            return bare_postgres(database, Path(folder), clients, seconds)
        return str(bare_sqlite(Path(folder) / "bare.sqlite3", clients, seconds))


def bare_sqlite(file: Path, clients: int, seconds: int) -> Answers:
    def connect() -> sqlite3.Connection:
        database = sqlite3.connect(file, timeout=20, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        return database

    def transact(database: sqlite3.Connection, number: int) -> None:
        for statement in ("BEGIN IMMEDIATE", *BARE, "COMMIT"):
            database.execute(statement.format(number, BODY))

    first = connect()
    for statement in (*TABLES, *map(FILL.format, range(clients))):
        first.execute(statement)
    databases = [connect() for _number in range(clients)]
    return together([partial(transact, one, number) for number, one in enumerate(databases)], seconds)


def bare_postgres(address: str, folder: Path, clients: int, seconds: int) -> str:
    found = shutil.which("pgbench") or next(map(str, Path("/usr/lib/postgresql").glob("*/bin/pgbench")), None)
    if found is None:
        return "pgbench is not installed"
    script = folder / "order.sql"
    statements = ("BEGIN", *BARE, "COMMIT")
    script.write_text("\n".join(f"{one.format(':client_id', BODY)};" for one in statements))
    rows = map(FILL.format, range(clients))
    drop = ["SET client_min_messages = warning", "DROP TABLE IF EXISTS bare_wallet, bare_row"]
    psql = ["psql", "--quiet", address, "--command"]
    subprocess.run([*psql, "; ".join([*drop, *TABLES, *rows])], check=True)
    command = [found, "--no-vacuum", f"--client={clients}", f"--time={seconds}", f"--file={script}", address]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    subprocess.run([*psql, "; ".join(drop)], check=True)
    [rate] = re.findall(r"tps = ([0-9.]+)", output)
    return f"{float(rate):7.0f}/s"


def measure(clients: list[Client], seconds: int) -> None:
    for client in clients:
        client.connection.close()  # It opens anew; the server has ended those that did nothing for seconds.
    balances = together([client.balance for client in clients], seconds)
    before = processor_seconds()
    orders = together([client.order for client in clients], seconds)
    wait_for_results(clients[0])
    used = {role: after - before[role] for role, after in processor_seconds().items()}
    print(f"\n{len(clients)} clients")
    print(f"  GET balance/       {balances}")
    print(f"  POST predictions/  {orders}  {orders.rate / balances.rate:.2f} x GET balance/")
    print(f"  bare transactions  {bare_transactions(len(clients), seconds)}")
    costs = ", ".join(f"{role} {spent / len(orders.seconds) * 1000:.1f} ms" for role, spent in used.items())
    print(f"  processor time of an order: {costs}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url", nargs="?", help="of a running service with ORDERS_PER_MINUTE=0")
    parser.add_argument("--seconds", type=int, default=10, help="time for each measurement")
    options = parser.parse_args()
    if options.url:
        run(options.url, options.seconds)
    else:
        with own_service() as address:
            run(address, options.seconds)


def run(address: str, seconds: int) -> None:
    clients = [Client(address) for _number in range(max(CLIENTS))]
    print("From order to result, one after the other")
    clients[0].connection.close()
    for model in MODELS:
        print(f"  {model:20}{together([partial(clients[0].order, model, 'wait=10')], seconds)}")
    for count in CLIENTS:
        measure(clients[:count], seconds)


if __name__ == "__main__":
    main()
