"""Sends requests, and repeats those that may be repeated, for a bounded time."""

import http.client
import json
import random
import shutil
import ssl
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO, Any, Protocol, TypeAlias, TypeVar
from urllib.parse import urlencode

from creditscore_client.errors import ApiError, ConnectionFailed, NotAuthenticated, error_of

USER_AGENT = "creditscore-client/1.0.0"
# No request was processed if this is the answer, whatever its method.
REFUSED_FOR_NOW = {429, 503}
# What is asked for is not there yet.
ACCEPTED = 202
# What stands between client and service has answered: the request may have been processed.
UNKNOWN = {502, 504}
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
# No answer, half an answer, or one that is not the service's.
NO_ANSWER = (OSError, http.client.HTTPException)
Read = TypeVar("Read")
Reader: TypeAlias = Callable[[http.client.HTTPResponse], Read]


@dataclass(frozen=True)
class Request:
    """`key` is the Idempotency-Key. `open_body` gives the body anew for each attempt."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    json: Any = None
    key: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    open_body: Callable[[], IO[bytes]] | None = None
    # Does the same when it is sent twice, whatever its method.
    repeatable: bool = False

    @property
    def is_repeatable(self) -> bool:
        """Whether sending it twice does what sending it once does."""
        return self.repeatable or self.key is not None or self.method in ("GET", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Message
    body: Any

    @property
    def retry_after(self) -> float | None:
        return _seconds(self.headers.get("Retry-After"))


class Credentials(Protocol):
    """What goes into the Authorization header."""

    def header(self, transport: "Transport") -> str: ...

    def renew(self, transport: "Transport", refused: str) -> bool:
        """Replace what the service has refused; return False if there is nothing to replace it with."""
        ...


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    """A redirect would send the token to another address, and a POST as a GET."""

    def redirect_request(self, *_arguments: object) -> None:
        return None


class Transport:
    """`root` is the address of the service, such as `https://score.example.com`.

    `timeout` is for one attempt, `patience` for a request with all its attempts, both in seconds. Proxies
    and certificates are those of `urllib`. May be used by many threads.
    """

    def __init__(
        self,
        root: str,
        credentials: Credentials | None,
        *,
        language: str = "en",
        timeout: float = 30,
        patience: float = 60,
    ) -> None:
        if not root.startswith(("http://", "https://")):
            raise ValueError("the address of the service begins with http:// or https://")
        self._root = root.rstrip("/") + "/api/v1/"
        self._credentials = credentials
        self._language, self._timeout, self._patience = language, timeout, patience
        self._opener = urllib.request.build_opener(_NoRedirects)

    def send(self, request: Request, *, public: bool = False) -> Answer:
        """Return the answer. Raises `ApiError`, `ConnectionFailed`."""
        return self._authorized(request, _answer, public=public)

    def download(self, request: Request, to: IO[bytes]) -> Answer:
        """Write the body of the answer to an empty file, unless it is not there yet. Raises like `send`."""

        def save(response: http.client.HTTPResponse) -> Answer:
            if response.status == ACCEPTED:
                return _answer(response)
            to.seek(0)
            to.truncate()
            shutil.copyfileobj(response, to)
            if response.length:
                raise http.client.IncompleteRead(b"", response.length)
            return Answer(response.status, response.headers, None)

        return self._authorized(request, save)

    def save(self, request: Request, to: Path) -> Answer:
        """Write the body of the answer to the file `to`, whole or not at all. Raises like `send`."""
        # A file that is half there has another name.
        partial = to.with_name(f"{to.name}.{uuid.uuid4().hex}.part")
        try:
            with partial.open("wb") as target:
                answer = self.download(request, target)
            if answer.status != ACCEPTED:
                partial.replace(to)
            return answer
        finally:
            partial.unlink(missing_ok=True)

    def once(self, request: Request) -> Answer:
        """Like `send`, without credentials, and never repeated."""
        try:
            return self._attempt(request, None, _answer)
        except NO_ANSWER as error:
            raise _failed(request, error) from error

    def _authorized(self, request: Request, read: Reader[Read], *, public: bool = False) -> Read:
        authorization = None if public or not self._credentials else self._credentials.header(self)
        try:
            return self._with_patience(request, authorization, read)
        except NotAuthenticated:
            if not authorization or not self._credentials or not self._credentials.renew(self, authorization):
                raise
        return self._with_patience(request, self._credentials.header(self), read)

    def _with_patience(self, request: Request, authorization: str | None, read: Reader[Read]) -> Read:
        deadline = time.monotonic() + self._patience
        pause = FIRST_PAUSE
        while True:
            try:
                return self._attempt(request, authorization, read)
            except ApiError as error:
                unknown = error.status in UNKNOWN and request.is_repeatable
                if error.status not in REFUSED_FOR_NOW and not unknown:
                    raise
                wanted = pause if error.retry_after is None else error.retry_after
                if time.monotonic() + wanted > deadline:
                    raise
            except NO_ANSWER as error:
                wanted = pause
                if not _may_help(request, error) or time.monotonic() + wanted > deadline:
                    raise _failed(request, error) from error
            # Clients that were refused together do not come back together.
            time.sleep(wanted + random.uniform(0, pause))  # noqa: S311  # nothing is secret here
            pause = min(2 * pause, LONGEST_PAUSE)

    def _attempt(self, request: Request, authorization: str | None, read: Reader[Read]) -> Read:
        query = f"?{urlencode(request.query)}" if request.query else ""
        body = request.open_body() if request.open_body else _encoded(request.json)
        sent = urllib.request.Request(self._root + request.path + query, data=body, method=request.method)
        headers = {
            "Accept": "application/json",
            "Accept-Language": self._language,
            "User-Agent": USER_AGENT,
            **({"Content-Type": "application/json"} if request.json is not None else {}),
            **({"Authorization": authorization} if authorization else {}),
            **({"Idempotency-Key": request.key} if request.key is not None else {}),
            **request.headers,
        }
        for name, value in headers.items():
            sent.add_header(name, value)
        try:
            with self._opener.open(sent, timeout=self._timeout) as response:
                return read(response)
        except urllib.error.HTTPError as error:
            with error:
                raise error_of(
                    error.code, _problem(error.read()), _seconds(error.headers.get("Retry-After"))
                ) from None


def _may_help(request: Request, error: Exception) -> bool:
    """Return whether the request may be sent again, and could then get an answer."""
    reason = getattr(error, "reason", error)
    return request.is_repeatable and not isinstance(reason, ssl.SSLCertVerificationError)


def _failed(request: Request, error: Exception) -> ConnectionFailed:
    return ConnectionFailed(f"{request.method} {request.path}: {error}")


def _answer(response: http.client.HTTPResponse) -> Answer:
    content = response.read()
    try:
        return Answer(response.status, response.headers, json.loads(content) if content else None)
    except ValueError as error:
        raise http.client.HTTPException("the answer is not JSON") from error


def _encoded(body: Any) -> bytes | None:
    return None if body is None else json.dumps(body, allow_nan=False).encode()


def _problem(content: bytes) -> Mapping[str, Any]:
    """Return the problem document; an empty one for an answer that is not the service's own."""
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _seconds(text: str | None) -> float | None:
    return float(text) if text and text.isdigit() else None
