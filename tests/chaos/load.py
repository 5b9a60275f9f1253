"""What the customers do, each in a thread: programs, people who use pages, one with little money, files."""

import threading
import time
from collections.abc import Callable
from functools import partial

from tests.chaos.customers import INVALID, Customer
from tests.chaos.file_customers import FileCustomer, send_file

API_CUSTOMERS, PAGE_CUSTOMERS, POOR_CUSTOMERS, FILE_CUSTOMERS = 5, 2, 1, 2
# Seconds between two things that a customer does.
THINKING = (0.05, 0.5)
# More than a customer comes to in an hour.
MOST_ACTIONS = 20_000
MONEY = "100000.00"
# It buys three predictions of the cheapest model.
LITTLE_MONEY = "30.00"
PAYMENT_REQUIRED = 402
NEWEST = 20
LISTS = ("predictions/?page_size=25", "transactions/", "balance/", "me/", "models/")
PAGES = ("/dashboard/", "/predictions/", "/wallet/transactions/")


class Load:
    """`run` returns at `until`, a time since the epoch, when everybody has had an answer, or has given up."""

    def __init__(self, customers: list[Customer], until: float, stopping: threading.Event) -> None:
        self._customers, self._until, self._stopping = customers, until, stopping
        self.mishaps: list[str] = []
        self._threads = [
            threading.Thread(target=self._live, args=[customer], daemon=True) for customer in customers
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        for thread in self._threads:
            thread.join()

    def _live(self, customer: Customer) -> None:
        try:
            act = self._way_of(customer)
            for _action in range(MOST_ACTIONS):
                if time.time() > self._until or self._stopping.is_set():
                    return
                act()
                self._stopping.wait(customer.chance.uniform(*THINKING))
        except Exception as error:  # noqa: BLE001  # it is reported, and fails the run
            self.mishaps.append(f"customer {customer.name}: {error!r}")

    def _way_of(self, customer: Customer) -> Callable[[], object]:
        if isinstance(customer, FileCustomer):
            customer.busy_until = self._until
            return partial(send_file, customer)
        if customer.uses_pages:
            return partial(use_pages, customer)
        return partial(spend_little if customer.name.startswith("poor") else use_api, customer)


def use_api(customer: Customer) -> None:
    action = customer.chance.random()
    if action < 0.5:
        buy(customer)
    elif action < 0.57:
        compare(customer)
    elif action < 0.65:
        customer.top_up(f"{customer.chance.randint(1, 500)}.00")
    elif action < 0.75:
        explain(customer)
    elif action < 0.78:
        customer.order(wait=False, may_refuse=(INVALID,), person_age=7)
    else:
        customer.read(f"/api/v1/{customer.chance.choice(LISTS)}")


def buy(customer: Customer) -> None:
    """Order; now and then send the same order again, or cancel it at once."""
    order = customer.order(wait=customer.chance.random() < 0.4)
    after = customer.chance.random()
    if not order.answers or after > 0.3:
        return
    if after < 0.15:
        customer.ask_again(order)
    else:
        customer.cancel(order)


def compare(customer: Customer) -> None:
    comparison = customer.compare()
    if comparison.answers and customer.chance.random() < 0.2:
        customer.cancel(comparison)


def explain(customer: Customer) -> None:
    """Ask why, about one of the newest orders."""
    bought = [order for order in customer.operations[-5 * NEWEST :] if order.is_order and order.answers]
    if bought:
        order = customer.chance.choice(bought[-NEWEST:])
        customer.explain(customer.chance.choice(order.answers[0].ids))


def spend_little(customer: Customer) -> None:
    """Order until the money is spent, and beyond; sometimes there is a little more of it."""
    if customer.chance.random() < 0.1:
        customer.top_up(LITTLE_MONEY)
    elif customer.chance.random() < 0.2:
        customer.compare(may_refuse=(PAYMENT_REQUIRED,))
    else:
        customer.order(wait=False, may_refuse=(PAYMENT_REQUIRED,))


def use_pages(customer: Customer) -> None:
    if customer.chance.random() < 0.4:
        customer.order_on_the_site()
    else:
        customer.read(customer.chance.choice(PAGES))
