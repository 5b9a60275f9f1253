"""Files of many applications: upload, quote, confirm, progress, results."""

import io
import uuid
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import IO
from uuid import UUID

from creditscore_client.errors import Conflict
from creditscore_client.outcomes import Row, send_outcomes
from creditscore_client.records import Batch, ReportedOutcomes
from creditscore_client.sending import new_key, pages, wait_for
from creditscore_client.transport import Request, Transport

HOUR = 3600


class Batches:
    """`upload`, `quoted`, `confirm`, `wait`, `save_results`, in this order."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def upload(
        self,
        file: Path,
        model: str,
        *,
        label: str = "",
        reasons: bool = False,
        recompute: bool = False,
        key: str | None = None,
    ) -> Batch:
        """Send a CSV or XLSX file, which is checked and not charged. It is not read into memory.

        `recompute` scores rows whose share of income contradicts amount and income, by these two. The same
        `key` gives the same batch.
        """
        fields = {
            "model": model,
            **({"label": label} if label else {}),
            **({"reasons": "1"} if reasons else {}),
            **({"on_contradiction": "recompute"} if recompute else {}),
        }
        form = _Form(fields, file)
        headers = {"Content-Type": form.content_type, "Content-Length": str(form.length)}
        request = Request("POST", "batches/", key=key or new_key(), headers=headers, open_body=form.open)
        return Batch.of(self._transport.send(request).body)

    def get(self, batch: UUID) -> Batch:
        return Batch.of(self._transport.send(Request("GET", f"batches/{batch}/")).body)

    def all(self) -> Iterator[Batch]:
        """Yield all batches, newest first."""
        return map(Batch.of, pages(self._transport, "batches/", {}))

    def quoted(self, batch: UUID, timeout: float = HOUR) -> Batch:
        """Return the batch when it is checked: it has a price, or has failed. Raises `StillPending`."""
        return wait_for(lambda: _Unless(self.get(batch), ("validating",)), timeout).batch

    def confirm(self, batch: UUID, *, price: Decimal, key: str | None = None) -> Batch:
        """Pay `price`, the one quoted, and start. Raises `Conflict` if the price is another one now."""
        quoted = self.get(batch)
        if quoted.status == "quoted" and quoted.price != price:
            raise Conflict(409, {"code": "price_changed", "detail": f"The price is {quoted.price} now."})
        request = Request("POST", f"batches/{batch}/confirm/", key=key or new_key())
        return Batch.of(self._transport.send(request).body)

    def wait(
        self, batch: UUID, timeout: float = HOUR, progress: Callable[[Batch], object] | None = None
    ) -> Batch:
        """Return the batch when it has ended; `progress` is called with it until then."""

        def get() -> "_Unless":
            found = self.get(batch)
            if progress:
                progress(found)
            return _Unless(found, ("queued", "running"))

        return wait_for(get, timeout).batch

    def cancel(self, batch: UUID) -> Batch:
        """Stop; rows without a result are refunded."""
        request = Request("POST", f"batches/{batch}/cancel/", key=new_key())
        return Batch.of(self._transport.send(request).body)

    def report_outcomes(self, batch: UUID, rows: Iterable[Row], *, by_line: bool = False) -> ReportedOutcomes:
        """Tell what became of the loans of a file, named by your own IDs in it, or by its lines."""
        column = "line" if by_line else "id"
        return send_outcomes(self._transport, f"batches/{batch}/outcomes/", column, rows)

    def save_results(self, batch: UUID, to: Path) -> None:
        """Write the results: the file's own columns in its own order, and the probabilities."""
        self._transport.save(Request("GET", f"batches/{batch}/results.csv"), to)

    def save_errors(self, batch: UUID, to: Path) -> None:
        """Write the errors of the rows, by line."""
        self._transport.save(Request("GET", f"batches/{batch}/errors.csv"), to)


class _Unless:
    """A batch that is pending while it has one of `statuses`."""

    def __init__(self, batch: Batch, statuses: tuple[str, ...]) -> None:
        self.batch, self.is_pending = batch, batch.status in statuses


class _Form:
    """A multipart form with one file, which is read while it is sent."""

    def __init__(self, fields: dict[str, str], file: Path) -> None:
        boundary = uuid.uuid4().hex
        self.content_type = f"multipart/form-data; boundary={boundary}"
        name = file.name.replace("\\", "_").replace('"', "_").replace("\r", "_").replace("\n", "_")
        head = "".join(
            f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{value}\r\n'
            for field, value in fields.items()
        )
        head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        head += "Content-Type: application/octet-stream\r\n\r\n"
        self._head, self._tail = head.encode(), f"\r\n--{boundary}--\r\n".encode()
        self._file = file
        self.length = len(self._head) + file.stat().st_size + len(self._tail)

    def open(self) -> IO[bytes]:
        parts: list[IO[bytes]] = [io.BytesIO(self._head), self._file.open("rb"), io.BytesIO(self._tail)]
        return io.BufferedReader(_Joined(parts))


class _Joined(io.RawIOBase):
    """Several files read as one."""

    def __init__(self, parts: list[IO[bytes]]) -> None:
        self._parts = parts

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview[int]") -> int:  # type: ignore[override]  # the stubs have any buffer
        while self._parts:
            content = self._parts[0].read(len(buffer))
            if content:
                buffer[: len(content)] = memoryview(content)
                return len(content)
            self._parts.pop(0).close()
        return 0

    def close(self) -> None:
        for part in self._parts:
            part.close()
        super().close()
