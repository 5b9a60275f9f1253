"""A customer who sends files of applicants: uploads, pays and cancels them, and reads their results."""

import threading
import time
from typing import Any

from tests.chaos import files
from tests.chaos.client import API, Client, Reply
from tests.chaos.customers import Customer, NotPossible, minor
from tests.chaos.files import Applicants
from tests.chaos.history import Answer, Operation, Request, SentFile, What

FILES = f"{API}batches/"
PAID, ENDED = ("queued", "running"), ("completed", "canceled", "failed", "expired")
# How many rows a file has, by model, without reasons and with them: a tree model takes long to explain one.
ROWS = {
    "logistic-regression": ((300, 2_000, 12_000, 40_000), (300, 1_500, 4_000)),
    "random-forest": ((300, 2_000, 8_000), (300,)),
    "catboost": ((300, 2_000), (300,)),
}
WITH_REASONS = 0.4
MOST_OF_A_TOP_UP = 100_000
POLL_SECONDS = 0.3
# So long a customer waits for the end of a file, before sending the next one.
PATIENCE_SECONDS = 15
PAYMENT_REQUIRED, CONFLICT = 402, 409


class FileCustomer(Customer):
    """`sent` has the files that the service has acknowledged. One is waited for until `busy_until`."""

    def __init__(self, name: str, client: Client, seed: str, stopping: threading.Event) -> None:
        super().__init__(name, client, seed)
        self.sent: list[SentFile] = []
        self.busy_until = 0.0
        self._stopping = stopping
        # What is in the files whose results have not been read yet, by their ids.
        self._applicants: dict[str, Applicants] = {}

    def upload(self) -> SentFile | None:
        """Send a file until it is acknowledged; None if it is not.

        One of which the answer was lost may be there, too: it stays unconfirmed.
        """
        key, model = self._new_key(), self._model()
        with_reasons = self.chance.random() < WITH_REASONS
        made = files.made_up(key, self.chance.choice(ROWS[model][with_reasons]), self.chance)
        fields = {"model": model, "label": key, "reasons": str(int(with_reasons))}
        content, content_type = files.form(made.content, fields)
        request = Request("POST", FILES, headers={"Content-Type": content_type}, content=content)
        operation = self._perform(Operation(self.name, What.UPLOAD, key, request))
        # It is not needed any more.
        operation.request = Request("POST", FILES)
        if not operation.answers:
            return None
        [pk] = operation.answers[0].ids
        file = SentFile(self.name, key, model, with_reasons, len(made.rows), made.good, pk)
        self.sent.append(file)
        self._applicants[pk] = made
        return file

    def wait_for_price(self, file: SentFile) -> bool:
        """Return whether it has one."""
        found = self._wait(file, "validating")
        if found and found["price"] is not None:
            file.price = minor(found["price"])
        return file.price is not None

    def afford(self, file: SentFile) -> None:
        """Top up what the file costs, and what an order costs beside it."""
        missing = (file.price or 0) // 100 + 1
        for _time in range(missing // MOST_OF_A_TOP_UP):
            self.top_up(f"{MOST_OF_A_TOP_UP}.00")
        self.top_up(f"{missing % MOST_OF_A_TOP_UP + 100}.00")

    def confirm(self, file: SentFile, may_refuse: tuple[int, ...] = ()) -> Operation:
        """Pay the price. A file is paid once, whatever the key."""
        path = f"{FILES}{file.id}/confirm/"
        return self._api(What.CONFIRMATION, path, None, may_refuse=may_refuse, target=file.id)

    def cancel_file(self, file: SentFile) -> Operation:
        path = f"{FILES}{file.id}/cancel/"
        return self._api(What.FILE_CANCEL, path, None, may_refuse=(CONFLICT,), target=file.id)

    def wait_for_end(self, file: SentFile) -> None:
        self._wait(file, *PAID)

    def read_results(self, file: SentFile) -> None:
        """Download the file of results if there is one, and compare it with what was sent."""
        found = self._file(file)
        if found["status"] not in ENDED:
            return
        made = self._applicants.pop(file.id, None)
        if made and found["results_url"]:
            reply = self.read(f"{FILES}{file.id}/results.csv")
            if reply is None or reply.status != 200:
                raise NotPossible(f"the results of file {file.id} cannot be read")
            file.results = files.read(file, made, reply.body, self.chance)

    def _wait(self, file: SentFile, *states: str) -> Any:
        """Return the file once it has none of these states; None if that takes too long."""
        until = min(self.busy_until, time.time() + PATIENCE_SECONDS)
        while time.time() < until:
            found = self._file(file)
            if found["status"] not in states:
                return found
            if self._stopping.wait(POLL_SECONDS):
                break
        return None

    def _file(self, file: SentFile) -> Any:
        """Raises `NotPossible`."""
        reply = self.read(f"{FILES}{file.id}/")
        if reply is None or reply.status != 200:
            raise NotPossible(f"file {file.id} cannot be read")
        return reply.json()

    def _answer(self, operation: Operation, reply: Reply) -> Answer:
        at = reply.attempt.ended
        if operation.what is What.UPLOAD:
            return Answer(at, (reply.json()["id"],))
        if operation.what is What.CONFIRMATION:
            body = reply.json()
            return Answer(at, (body["id"], body["charge"]["entry_id"]), minor(body["price"]))
        if operation.what is What.FILE_CANCEL:
            body = reply.json()
            return Answer(at, (body["id"],) if body["status"] == "canceled" else ())
        return super()._answer(operation, reply)


def send_file(customer: FileCustomer) -> None:
    """Upload a file and wait for its price. Most are paid, some of them twice; some are canceled."""
    file, fate = customer.upload(), customer.chance.random()
    if file is None or not customer.wait_for_price(file) or fate < 0.08:
        return
    if fate < 0.14:
        customer.cancel_file(file)
        return
    paid = pay(customer, file)
    if not paid.answers:
        return
    if fate < 0.35:
        customer.ask_again(paid)
    elif fate < 0.42:
        customer.confirm(file)
    if customer.chance.random() < 0.2:
        time.sleep(customer.chance.uniform(0, 1.5))
        customer.cancel_file(file)
    customer.wait_for_end(file)
    customer.read_results(file)


def pay(customer: FileCustomer, file: SentFile) -> Operation:
    """Confirm it, sometimes with too little money first."""
    if customer.chance.random() < 0.2:
        paid = customer.confirm(file, may_refuse=(PAYMENT_REQUIRED,))
        if paid.answers:
            return paid
    customer.afford(file)
    return customer.confirm(file)
