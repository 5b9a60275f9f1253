"""A customer: an account, and every way to buy, cancel, pay and read."""

import random
import re
import time
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from predictions.scoring.schema import EXAMPLE
from tests.chaos.client import API, WAIT, Client, Reply
from tests.chaos.history import Answer, Operation, Request, Sample, What
from tests.chaos.receiver import Receiver

# By their price: the cheapest is bought most.
MODELS = {"logistic-regression": 8, "random-forest": 2, "catboost": 1}
EVENTS = ("prediction.succeeded", "prediction.failed", "batch.quoted", "batch.completed")
INVALID = 422
PASSWORD = "long enough for a run of minutes"
ORDER_OF_PAGE = re.compile(r"^/predictions/([0-9a-f-]{36})/$")


class NotPossible(Exception):
    """A customer could not even sign up, log in or read."""


class Customer:
    """Everything that the customer does is in `operations`. `prices` are those of the catalog."""

    uses_pages = False
    # Whether it has a webhook.
    listens = False

    def __init__(self, name: str, client: Client, seed: str) -> None:
        self.name, self.client = name, client
        self.chance = random.Random(seed)
        self.operations: list[Operation] = []
        self.prices: dict[str, int] = {}

    def sign_up(self) -> None:
        """Create the account and learn the prices. Raises `NotPossible`."""
        person: dict[str, object] = {"username": self.name, "password": PASSWORD}
        address = {"email": f"{self.name}@example.org"}
        self._must("POST", f"{API}auth/register/", person | address, done_before=INVALID)
        offers = self._must("GET", f"{API}models/").json()["results"]
        self.prices = {offer["slug"]: minor(offer["price"]) for offer in offers}
        self.client.token = self._must("POST", f"{API}auth/token/", person).json()["access"]

    def log_in_to_the_site(self) -> None:
        """From now on the customer uses pages. Raises `NotPossible`."""
        self.uses_pages = True
        self._must("GET", "/account/login/")
        self._must("POST", "/account/login/", {"username": self.name, "password": PASSWORD})

    def listen(self, receiver: Receiver) -> None:
        """From now on, the receiver is told what happens. Raises `NotPossible`."""
        body: dict[str, object] = {"url": receiver.url(self.name), "events": list(EVENTS)}
        secret = self._must("POST", f"{API}webhooks/", body).json()["secret"]
        # One whose answer was lost has a secret that nobody knows.
        _newest, *others = self._must("GET", f"{API}webhooks/").json()["results"]
        for one in others:
            self._must("DELETE", f"{API}webhooks/{one['id']}/")
        self.listens = True
        receiver.expect(self.name, secret)

    def wait_for_a_result(self) -> None:
        """Order, and wait as long as the client does. Raises `NotPossible`."""
        order = self.order(wait=True)
        while self._must("GET", order.address).json()["status"] in ("queued", "running"):
            if time.time() > self.client.until:
                raise NotPossible("nobody scores")
            time.sleep(0.2)

    def top_up(self, amount: str) -> None:
        self._api(What.TOP_UP, "top-ups/", {"amount": amount})

    def order(self, *, wait: bool, may_refuse: tuple[int, ...] = (), **changes: object) -> Operation:
        """`changes` are facts that differ from the example's."""
        body: dict[str, object] = {"model": self._model(), "applicant": self._applicant() | changes}
        headers = WAIT if wait else {}
        return self._api(What.ORDER, "predictions/", body, headers=headers, may_refuse=may_refuse)

    def order_alone(self, sample: Sample) -> str:
        """Order what was a row of a file; return its probability with six decimals. Raises `NotPossible`."""
        body: dict[str, object] = {"model": sample.model, "applicant": sample.applicant}
        order = self._api(What.ORDER, "predictions/", body, headers=WAIT)
        while (answer := self._must("GET", order.address).json())["status"] in ("queued", "running"):
            if time.time() > self.client.until:
                raise NotPossible("nobody scores")
            time.sleep(0.2)
        return f"{answer['approval_probability']:.6f}"

    def compare(self, may_refuse: tuple[int, ...] = ()) -> Operation:
        body: dict[str, object] = {"applicant": self._applicant()}
        return self._api(What.COMPARISON, "comparisons/", body, may_refuse=may_refuse)

    def cancel(self, order: Operation) -> Operation:
        return self._api(What.CANCEL, f"{order.address}cancel/", None, may_refuse=(409,), target=order.key)

    def explain(self, pk: str) -> Operation:
        path = f"{API}predictions/{pk}/explanation/"
        operation = Operation(self.name, What.EXPLANATION, pk, Request("GET", path), (404,), target=pk)
        self.operations.append(operation)
        self.ask_again(operation)
        return operation

    def read(self, path: str) -> Reply | None:
        operation = Operation(self.name, What.READ, path, Request("GET", path))
        self.operations.append(operation)
        return self.ask_again(operation)

    def order_on_the_site(self) -> Operation:
        """Fill in the order form and send it; the same form again until there is an answer."""
        key = self._new_key()
        address = f"/predictions/new/?form={key}"
        self.read(address)
        form: dict[str, object] = {name: str(value) for name, value in self._applicant().items()}
        form |= {f"price_{slug}": str(price) for slug, price in self.prices.items()}
        form |= {"model": self._model(), "request_key": key, "label": key}
        operation = Operation(self.name, What.PAGE_ORDER, key, Request("POST", address, form))
        return self._perform(operation)

    def ask_again(self, operation: Operation) -> Reply | None:
        """Perform the operation, perhaps once more, and note its answer."""
        reply = self.client.perform(operation)
        if reply is None:
            return None
        attempt = reply.attempt
        operation.address = urlsplit(reply.location).path
        if attempt.status in (200, 201, 202):
            operation.answers.append(self._answer(operation, reply))
            operation.given = operation.what is What.EXPLANATION and attempt.status == 200
        elif operation.what is What.PAGE_ORDER and (found := ORDER_OF_PAGE.match(operation.address)):
            price = self.prices[str((operation.request.body or {})["model"])]
            operation.answers.append(Answer(attempt.ended, (found[1],), price))
        else:
            operation.refusal = attempt
        return reply

    def _answer(self, operation: Operation, reply: Reply) -> Answer:
        """Return what an answer of the API acknowledges."""
        at = reply.attempt.ended
        if operation.what in (What.READ, What.EXPLANATION):
            return Answer(at, ())
        body = reply.json()
        if operation.what is What.TOP_UP:
            return Answer(at, (body["id"],), minor(body["amount"]))
        parts = body.get("predictions", [body])
        if operation.what is What.CANCEL:
            parts = [part for part in parts if part["status"] == "canceled"]
        ids = tuple(sorted(part["id"] for part in parts))
        return Answer(at, ids, sum(minor(part["price"]) for part in parts))

    def _api(
        self,
        what: What,
        path: str,
        body: dict[str, object] | None,
        *,
        headers: Mapping[str, str] | None = None,
        may_refuse: tuple[int, ...] = (),
        target: str = "",
    ) -> Operation:
        """Send a request with a new key; orders carry the key in their label, too."""
        key = self._new_key()
        if body is not None and "applicant" in body:
            body = body | {"label": key}
        path = path if path.startswith("/") else API + path
        request = Request("POST", path, body, {"Idempotency-Key": key, **(headers or {})})
        return self._perform(Operation(self.name, what, key, request, may_refuse, target))

    def _perform(self, operation: Operation) -> Operation:
        self.operations.append(operation)
        self.ask_again(operation)
        return operation

    def _must(
        self, method: str, path: str, body: dict[str, object] | None = None, done_before: int = 0
    ) -> Reply:
        """`done_before` is what a request is answered with if it is sent again after a lost answer."""
        operation = Operation(self.name, What.READ, path, Request(method, path, body))
        reply = self.client.perform(operation)
        is_done = reply and reply.status == done_before and len(operation.attempts) > 1
        if reply is None or (reply.status >= 400 and not is_done):
            raise NotPossible(f"{method} {path}: {operation.attempts[-1:]}")
        return reply

    def _model(self) -> str:
        return self.chance.choices(list(MODELS), list(MODELS.values()))[0]

    def _applicant(self) -> dict[str, Any]:
        """Usual facts: the site shows unusual ones once more before they are paid."""
        loan = self.chance.randrange(3_000, 20_000)
        return EXAMPLE | {"loan_amnt": loan, "person_income": loan * self.chance.randint(2, 10)}

    def _new_key(self) -> str:
        return str(uuid.UUID(int=self.chance.getrandbits(128), version=4))


def minor(text: str) -> int:
    """Return an amount of the API in minor units."""
    return int(Decimal(text) * 100)
