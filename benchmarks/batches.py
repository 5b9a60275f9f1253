"""Files through the service: ``python benchmarks/batches.py`` (``--models catboost --reasons``).

Starts a service as `orders.py` does, on the database of `DATABASE_URL` or SQLite. A customer uploads a file,
confirms its price and downloads the results. After that, the file is copied plainly with the csv module, and
the bare engine scores it in one process, on columns that are ready. Prints the rows per second from the
upload to the downloaded results and the seconds of each step; the highest memory of a process of the service
over what it had before; and how long the orders of another customer took, one after the other, before and
during the file.
"""

import argparse
import itertools
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPConnection
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from files import copy, measured, write_file
from orders import MODELS, Answers, Client, own_service

PROCESSES = multiprocessing.get_context("spawn")
BOUNDARY = "a-file-of-applicants"
PART = 1 << 20
# So many of the highest amount pay a million rows of each model.
TOP_UPS = 1_200
QUIET_SECONDS = 10
# So often the customer looks whether the file is checked, or scored.
LOOK_SECONDS = 0.05


class Service:
    """A customer of the service, and what they do with files."""

    def __init__(self, address: str) -> None:
        self.address, self.client = address, Client(address)
        for _number in range(TOP_UPS):
            self.client.request("POST", "top-ups/", {"amount": "100000.00"})

    def upload(self, source: Path, **fields: str) -> str:
        """Send a file part by part; return the id of the batch."""
        parts = [f'name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
        parts.append('name="file"; filename="loans.csv"\r\n\r\n')
        form = "".join(f"\r\n--{BOUNDARY}\r\nContent-Disposition: form-data; {part}" for part in parts)
        head, tail = form.lstrip().encode(), f"\r\n--{BOUNDARY}--\r\n".encode()
        connection = self._connect()
        connection.putrequest("POST", "/api/v1/batches/")
        connection.putheader("Authorization", self.client.headers["Authorization"])
        connection.putheader("Content-Type", f"multipart/form-data; boundary={BOUNDARY}")
        connection.putheader("Content-Length", str(len(head) + source.stat().st_size + len(tail)))
        connection.endheaders(head)
        with source.open("rb") as file:
            while part := file.read(PART):
                connection.send(part)
        connection.send(tail)
        response = connection.getresponse()
        answer = json.loads(response.read())
        if response.status != 201:
            sys.exit(f"upload: {response.status} {answer}")
        return str(answer["id"])

    def wait(self, batch: str, *pending: str) -> dict[str, Any]:
        """Return the batch once it is in none of the `pending` states."""
        self.client.connection.close()  # It opens anew; the server ends those at rest.
        while (answer := self.client.request("GET", f"batches/{batch}/"))["status"] in pending:
            time.sleep(LOOK_SECONDS)
        return answer

    def confirm(self, batch: str) -> None:
        self.client.connection.close()
        self.client.request("POST", f"batches/{batch}/confirm/", {})

    def download(self, batch: str, target: Path) -> None:
        connection = self._connect()
        headers = {"Authorization": self.client.headers["Authorization"]}
        connection.request("GET", f"/api/v1/batches/{batch}/results.csv", headers=headers)
        response = connection.getresponse()
        if response.status != 200:
            sys.exit(f"results: {response.status}")
        with target.open("wb") as file:
            while part := response.read(PART):
                file.write(part)

    def _connect(self) -> HTTPConnection:
        return HTTPConnection(urlsplit(self.address).netloc, timeout=600)


@contextmanager
def watched_memory() -> Iterator[list[float]]:
    """Yield a list that ends with the MB that a process of the service took at most over what it had."""
    before, most, ended = resident(), [0.0], threading.Event()

    def watch() -> None:
        while not ended.wait(0.2):
            over = (now - before.get(process, 0.0) for process, now in resident().items())
            most[0] = max(most[0], *over)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield most
    finally:
        ended.set()
        thread.join()


def resident() -> dict[str, float]:
    """Return the MB of each process of the service."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if any(sign in (folder / "cmdline").read_bytes() for sign in (b"gunicorn", b"celery")):
                status = (folder / "status").read_text()
                found[folder.name] = int(status.partition("VmRSS:")[2].split()[0]) / 1024
        except (OSError, IndexError):  # It has ended.
            continue
    return found


@contextmanager
def orders_of_another(address: str, headers: dict[str, str]) -> Iterator[Answers]:
    """Yield what fills with the orders of a customer, one after the other, when the block has ended."""
    ended, results = PROCESSES.Event(), PROCESSES.SimpleQueue()
    process = PROCESSES.Process(target=order, args=(address, headers, ended, results))
    process.start()
    answers = Answers()
    yield answers
    ended.set()
    answers.seconds, answers.duration = results.get()
    process.join()


def order(address: str, headers: dict[str, str], ended: Event, results: Any) -> None:
    client, seconds, began = Client(address, headers), [], time.perf_counter()
    buy = partial(client.order, MODELS[0], "wait=10")
    while not ended.is_set():
        start = time.perf_counter()
        buy()
        seconds.append(time.perf_counter() - start)
        time.sleep(0.05)  # Not as many as possible: that would be another load.
    results.put((seconds, time.perf_counter() - began))


def measure(service: Service, other: Client, source: Path, rows: int, **fields: str) -> None:
    target = source.with_name("results.csv")
    with orders_of_another(service.address, other.headers) as quiet:
        time.sleep(QUIET_SECONDS)
    steps = [time.perf_counter()]
    with watched_memory() as most, orders_of_another(service.address, other.headers) as busy:
        batch = service.upload(source, **fields)
        steps.append(time.perf_counter())
        quote = service.wait(batch, "validating")
        steps.append(time.perf_counter())
        service.confirm(batch)
        ended = service.wait(batch, "queued", "running")
        steps.append(time.perf_counter())
        service.download(batch, target)
        steps.append(time.perf_counter())
    if (ended["status"], ended["done_rows"]) != ("completed", rows):
        sys.exit(f"not completed: {quote} {ended}")
    copied = copy(source, target)
    seconds = [after - before for before, after in itertools.pairwise(steps)]
    named = zip(("upload", "check", "score", "download"), seconds, strict=True)
    total = sum(seconds)
    print(f"{fields['model']}{' with reasons' if fields.get('reasons') else ''}: {rows / total:,.0f} rows/s")
    print(f"  {', '.join(f'{name} {each:.1f} s' for name, each in named)}; {total / copied:.1f} x a csv copy")
    engine, _used, _memory = measured("bare", fields["model"], source)
    print(f"  a csv copy {copied:.2f} s; the bare engine {engine:.2f} s, {engine / copied:.1f} x a csv copy")
    print(f"  memory of a process, over start: {most[0]:.0f} MB")
    print(f"  orders of another, quiet   {quiet}\n  during the file            {busy}", end="  ")
    print(f"p99 {busy.quantile(0.99) / quiet.quantile(0.99):.2f} x quiet", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--models", nargs="+", choices=MODELS, default=MODELS)
    parser.add_argument("--reasons", action="store_true")
    options = parser.parse_args()
    os.environ["FILES_PER_MINUTE"] = "0"
    with tempfile.TemporaryDirectory() as folder, own_service() as address:
        source = Path(folder, "loans.csv")
        write_file(source, options.rows)
        service, other = Service(address), Client(address)
        for model in options.models:
            extra = {"reasons": "1"} if options.reasons else {}
            measure(service, other, source, options.rows, model=model, **extra)


if __name__ == "__main__":
    main()
