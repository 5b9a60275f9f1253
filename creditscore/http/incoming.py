"""Requests as they come in: a bounded body, and one reading of where it ends."""

import re

from waitress.parser import HTTPRequestParser, ParsingError
from waitress.utilities import BadRequest, Error, RequestEntityTooLarge, ServerNotImplemented

from creditscore.http.bodies import MAX_BYTES, max_bytes
from creditscore.http.uploads import Uploader
from predictions.batches.store import FULL as DISK_ERRORS

CHUNK_LINE_BYTES = 1_024
FOLDED_LINE = re.compile(rb"\r\n[ \t]")
TRANSFER_ENCODING = re.compile(rb"^transfer-encoding:(.*)$", re.IGNORECASE | re.MULTILINE)


class RequestTimeout(BadRequest):
    code = 408
    reason = "Request Timeout"


class Request(HTTPRequestParser):
    """A request with a bounded body, whose length is known before the application sees it."""

    # waitress sets them when it has read the first line.
    command = path = ""
    error: Error | None
    completed: bool
    queue_full = disk_full = is_strangers = False
    # Of a long body: whether it was asked who sends it, who that is, and since when the body is received.
    asked = False
    uploader: Uploader | None = None
    began = 0.0

    @property
    def is_long(self) -> bool:
        """Whether the body is an upload, which is on the disk.

        Elsewhere, a chunked body of MAX_BYTES has more bytes on its way.
        """
        size = max(self.content_length, self.body_bytes_received)
        return size > MAX_BYTES and max_bytes(self.path) > MAX_BYTES

    @property
    def is_asking(self) -> bool:
        """Whether it waits for the answer who sends it."""
        return self.asked and not self.uploader and not self.completed

    def received(self, data: bytes) -> int:
        try:
            consumed: int = super().received(data)
        except OSError as error:
            if error.errno not in DISK_ERRORS:
                raise
            # The application says so, in the client's language.
            self.refuse(disk_full=True)
            return len(data)
        if self.headers_finished and self.body_rcv is not None and not self.error:
            self._bound_body()
        if isinstance(self.error, ServerNotImplemented):
            # What is not supported is a coding that the client chose.
            self.error = BadRequest(self.error.body)
        if self.completed:
            # Otherwise waitress would send 100 and wait for a body that is complete or refused.
            self.expect_continue = False
        return consumed

    def refuse(
        self, *, queue_full: bool = False, disk_full: bool = False, is_strangers: bool = False
    ) -> None:
        """Complete the request without the rest of its body."""
        self.queue_full, self.disk_full, self.is_strangers = queue_full, disk_full, is_strangers
        self.error, self.completed = RequestEntityTooLarge(""), True

    def parse_header(self, header_plus: bytes) -> None:
        """Raises `ParsingError` if the header is invalid or two readers could see two lengths of the body."""
        if FOLDED_LINE.search(header_plus):
            # A field over two lines, which waitress would join and others might not.
            raise ParsingError("Folded header")
        try:
            super().parse_header(header_plus)
        except ValueError as error:
            raise ParsingError("Invalid header") from error
        codings = TRANSFER_ENCODING.findall(header_plus)
        alone = len(codings) == 1 and b"," not in codings[0] and "CONTENT_LENGTH" not in self.headers
        if codings and not (alone and self.chunked):
            raise ParsingError("Invalid Transfer-Encoding")

    def _bound_body(self) -> None:
        """Complete a request whose body is too long, without the rest of the body."""
        limit = max_bytes(self.path)
        size = max(self.content_length, len(self.body_rcv))
        if (
            self.chunked
            and max(len(self.body_rcv.control_line), len(self.body_rcv.trailer)) > CHUNK_LINE_BYTES
        ):
            self.error, self.completed = BadRequest("Chunk size or trailer is too long"), True
        # A chunked body may be long in its sizes alone.
        if self.body_bytes_received > 2 * limit:
            size = self.body_bytes_received
        if size > limit and not self.error:
            self.error, self.completed = RequestEntityTooLarge(""), True
            # The application reads this and answers in the client's language; see `error_task`.
            self.headers["CONTENT_LENGTH"] = str(size)
