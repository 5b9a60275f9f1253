"""What a second machine adds: ``DATABASE_URL=postgres://… python benchmarks/apart.py``.

Each of two cores plays a machine. The clients have the second one, and the roles of the service move there
one after the other. What limits a layout is the core that is busy all the time. The database of
`DATABASE_URL` must be empty, on this machine, and of a server that does nothing else.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from orders import Client, own_service, processor_seconds, together, wait_for_results

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

# What the command line of a process of each role contains; the first that fits counts.
SIGNS = {
    "web": ("gunicorn",),
    "worker": ("celery",),
    "database": ("postgres",),
    "broker": ("redis-server", "valkey-server"),
}
LAYOUTS: dict[str, set[str]] = {
    "one machine": set(),
    "database apart": {"database"},
    "worker apart": {"worker"},
    "database and worker apart": {"database", "worker", "broker"},
}
CLIENTS = 16
FIRST, SECOND = 0, 1


def processes() -> Iterator[tuple[str, int]]:
    """Yield role and pid of the service's processes, and of the servers that it uses."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:  # It has ended.
            continue
        for role, signs in SIGNS.items():
            if any(sign in command for sign in signs):
                yield role, int(folder.name)
                break


def pin(pid: int, *cores: int) -> None:
    """Pin all threads of a process; those that it starts later inherit it."""
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            os.sched_setaffinity(int(task.name), cores)
        except ProcessLookupError:  # It has ended.
            continue


def lay_out(apart: set[str]) -> None:
    for role, pid in processes():
        pin(pid, SECOND if role in apart else FIRST)
    pin(os.getpid(), SECOND)


def busy_seconds() -> list[float]:
    """Return the seconds that each core has worked."""
    lines = Path("/proc/stat").read_text().splitlines()[1:3]
    numbers = [[int(number) for number in line.split()[1:]] for line in lines]
    return [(sum(core[:8]) - core[3] - core[4]) / os.sysconf("SC_CLK_TCK") for core in numbers]


def written() -> int:
    """Return how many bytes of its log the database has written."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint")
        return int(cursor.fetchone()[0])


def connections() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0]) - 1


def measure(name: str, apart: set[str], clients: list[Client], seconds: int) -> None:
    lay_out(apart)
    for client in clients:
        client.connection.close()  # It opens anew; the server has ended those that did nothing for seconds.
    together([client.order for client in clients], 1)
    wait_for_results(clients[0])
    used, busy, log, began = processor_seconds(), busy_seconds(), written(), time.perf_counter()
    orders = together([client.order for client in clients], seconds)
    count, duration = len(orders.seconds), time.perf_counter() - began
    shares = [(after - before) / duration for before, after in zip(busy, busy_seconds(), strict=True)]
    wait_for_results(clients[0])
    costs = {role: (spent - used[role]) / count * 1000 for role, spent in processor_seconds().items()}
    print(f"{name:26} {orders}  cores busy {shares[0]:.0%} and {shares[1]:.0%}")
    print(f"{'':26} {', '.join(f'{role} {cost:.1f} ms' for role, cost in costs.items())} an order, ", end="")
    print(f"{(written() - log) / count:.0f} bytes of the log an order, {connections()} connections")


def main() -> None:
    import django

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=10, help="time for each layout")
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "creditscore.settings")
    django.setup()
    with own_service() as address:
        clients = [Client(address) for _number in range(CLIENTS)]
        try:
            for name, apart in LAYOUTS.items():
                measure(name, apart, clients, options.seconds)
        finally:
            for _role, pid in processes():
                pin(pid, FIRST, SECOND)


if __name__ == "__main__":
    main()
