"""The client: what the API offers, by subject."""

from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import quote

from creditscore_client.batches import Batches
from creditscore_client.machines import ApiKeys, Webhooks
from creditscore_client.predictions import Comparisons, Predictions
from creditscore_client.records import Balance, Entry, Model, PendingPayment
from creditscore_client.sending import new_key, pages
from creditscore_client.sharing_records import Document
from creditscore_client.transport import Credentials, Request, Transport

__all__ = ["Client"]


class Client:
    """The API of one service, for one account.

    `root` is the address of the service, such as `https://score.example.com`. `timeout` is for one attempt
    and `patience` for a request with all its attempts, both in seconds. May be used by many threads. Every
    method raises `ApiError` with the code of the service, or `ConnectionFailed`.
    """

    def __init__(
        self,
        root: str,
        credentials: Credentials | None = None,
        *,
        language: str = "en",
        timeout: float = 30,
        patience: float = 60,
    ) -> None:
        transport = Transport(root, credentials, language=language, timeout=timeout, patience=patience)
        self.models = Models(transport)
        self.documents = Documents(transport)
        self.account = Account(transport)
        self.predictions = Predictions(transport)
        self.comparisons = Comparisons(transport)
        self.batches = Batches(transport)
        self.api_keys = ApiKeys(transport)
        self.webhooks = Webhooks(transport)


class Models:
    """The catalog, which needs no credentials."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def all(self) -> list[Model]:
        answer = self._transport.send(Request("GET", "models/"), public=True)
        return [Model.of(body) for body in answer.body["results"]]

    def get(self, slug: str) -> Model:
        return Model.of(self._transport.send(Request("GET", f"models/{slug}/"), public=True).body)


class Documents:
    """PDFs of results, which anybody can verify without credentials."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def get(self, code: str) -> Document:
        """Return what the PDF with this code says. Raises `NotFound` if there is none."""
        path = f"documents/{quote(code, safe='')}/"
        return Document.of(self._transport.send(Request("GET", path), public=True).body)


class Account:
    """The balance and what has moved it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def balance(self) -> Balance:
        return Balance.of(self._transport.send(Request("GET", "balance/")).body)

    def top_up(self, amount: Decimal | str, *, key: str | None = None) -> Entry | PendingPayment:
        """Add money; `key` as for orders. Returns the transaction, or a payment that a person has to make."""
        body = {"amount": str(amount)}
        answer = self._transport.send(Request("POST", "top-ups/", json=body, key=key or new_key()))
        return Entry.of(answer.body) if answer.status == 201 else PendingPayment.of(answer.body)

    def transactions(self, *, kind: str = "") -> Iterator[Entry]:
        """Yield all transactions, newest first; pages are fetched as they are needed."""
        return map(Entry.of, pages(self._transport, "transactions/", {"kind": kind}))
