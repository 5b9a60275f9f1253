"""Orders while explanations are computed: ``python benchmarks/explanations_under_orders.py``.

Starts a service as `orders.py` does. Prints how long orders take, until they are accepted and until they have
a result: first while nothing else happens, then while a customer asks for 60 explanations of one model at
once, and for those of 60 other predictions as soon as these are there, and then while he reads those again,
as often, so that nothing is computed. He is a process of his own. Compare ratios, several times.
"""

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from itertools import product
from multiprocessing.synchronize import Event
from typing import Any

from orders import MODELS, Answers, Client, own_service, together, wait_for_results

AT_ONCE = 60
CLIENTS = (1, 8)
# To accept an order, and to have its result.
KINDS = {"accepted": "", "result": "wait=10"}
# More than are explained in a measurement, because an explanation is made once.
PREPARED_PER_SECOND = 90
PROCESSES = multiprocessing.get_context("spawn")


class Asker:
    """A customer who asks for explanations of predictions that are made beforehand."""

    def __init__(self, address: str, model: str) -> None:
        self.client, self.model = Client(address), model
        self._address = address
        self._ids: list[str] = []
        self._rounds = PROCESSES.Value("i", 0)

    def prepare(self, count: int) -> None:
        self._ids = [self.client.order(self.model) for _number in range(count)]
        finish([self.client])

    @contextmanager
    def asking(self, pause: float = 0.0) -> Iterator[None]:
        """Ask in another process; or read again what it has received, a round each `pause` seconds."""
        ended = PROCESSES.Event()
        ids = self._ids[: self.rounds * AT_ONCE] * 10 if pause else self._ids
        self._rounds.value = 0
        arguments = (self._address, self.client.headers, ids, ended, self._rounds, pause)
        process = PROCESSES.Process(target=ask_in_rounds, args=arguments)
        process.start()
        while not self._rounds.value and process.is_alive():  # The first one warms up.
            time.sleep(0.01)
        yield
        ended.set()
        process.join()
        if process.exitcode:
            sys.exit("Explanations were not received.")

    @property
    def rounds(self) -> int:
        """Return how many times `AT_ONCE` explanations have been received."""
        return int(self._rounds.value)


def ask_in_rounds(
    address: str, headers: dict[str, str], ids: list[str], ended: Event, rounds: Any, pause: float
) -> None:
    client = Client(address, headers)
    for first in range(0, len(ids), AT_ONCE):
        if ended.is_set():
            return
        began = time.perf_counter()
        waiting = ids[first : first + AT_ONCE]
        while waiting := [one for one in waiting if not is_there(client, one)]:
            while not is_there(client, waiting[-1]):
                time.sleep(0.1)
        rounds.value += 1
        ended.wait(max(0.0, began + pause - time.perf_counter()))
    sys.exit("Too few predictions are prepared.")


def is_there(client: Client, prediction: str) -> bool:
    return "base" in client.request("GET", f"predictions/{prediction}/explanation/")


def finish(clients: Sequence[Client]) -> None:
    """Wait for all results, so that a measurement does not begin with the work of the last one."""
    for client in clients:
        client.connection.close()  # It opens anew; the server ends those at rest.
        wait_for_results(client)
        client.connection.close()


def measure(asker: Asker, clients: Sequence[Client], prefer: str, seconds: float) -> list[Answers]:
    """Return the orders of quiet seconds, of those in which explanations are computed, or only read."""
    orders = [partial(client.order, MODELS[0], prefer) for client in clients]
    quiet = together(orders, seconds)
    finish(clients)
    with asker.asking():
        before = asker.rounds
        busy = together(orders, seconds)
        rounds = max(1, asker.rounds - before)
    finish([*clients, asker.client])
    with asker.asking(pause=busy.duration / rounds):
        reading = together(orders, seconds)
    finish([*clients, asker.client])
    rate = rounds * AT_ONCE / busy.duration
    print(f"    quiet     {quiet}\n    explained {busy}  {ratio(quiet, busy)}, {rate:.0f} explanations/s")
    print(f"    read      {reading}  {ratio(quiet, reading)}", flush=True)
    return [quiet, busy, reading]


def ratio(quiet: Answers, busy: Answers) -> str:
    return f"p99 {busy.quantile(0.99) / quiet.quantile(0.99):.2f} x quiet"


def pooled(answers: Sequence[Answers]) -> Answers:
    return Answers([s for one in answers for s in one.seconds], sum(one.duration for one in answers))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", nargs="?", default="catboost", choices=MODELS, help="that is explained")
    parser.add_argument("--seconds", type=float, default=5, help="time for each measurement")
    parser.add_argument("--times", type=int, default=3, help="repetitions")
    options = parser.parse_args()
    os.environ["EXPLANATIONS_PER_MINUTE"] = "0"
    with own_service() as address:
        clients = [Client(address) for _number in range(max(CLIENTS))]
        asker = Asker(address, options.model)
        for count, (kind, prefer) in product(CLIENTS, KINDS.items()):
            print(f"{count} clients, {kind}")
            measured = []
            for _time in range(options.times):
                asker.prepare(int(options.seconds * PREPARED_PER_SECOND) + AT_ONCE)
                finish(clients)
                measured.append(measure(asker, clients[:count], prefer, options.seconds))
            quiet, busy, reading = (pooled(answers) for answers in zip(*measured, strict=True))
            print(f"  all together: explained {ratio(quiet, busy)}, read {ratio(quiet, reading)}")


if __name__ == "__main__":
    main()
