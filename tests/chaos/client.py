"""A well-behaved client: one request at a time, the same one again until there is an answer."""

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from tests.chaos.history import Attempt, Operation, Request

# Longer than the service takes for any answer: it waits up to 20 s for a database that is locked.
TIMEOUT_SECONDS = 30
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0
# A client that is asked to wait longer than this in a run of minutes asks again after it.
LONGEST_RETRY_AFTER = 5.0
API = "/api/v1/"
# An order that waits for its result names the seconds.
WAIT = {"Prefer": "wait=5"}


@dataclass(frozen=True)
class Reply:
    attempt: Attempt
    body: bytes = b""
    location: str = ""

    @property
    def status(self) -> int:
        return self.attempt.status

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Sends requests to 127.0.0.1 until `until`, a time since the epoch, or until `stopping` is set.

    To the API it sends JSON and its token; to pages, forms and cookies, as a browser does.
    """

    def __init__(self, port: int, until: float, stopping: threading.Event, chance: random.Random) -> None:
        self._port, self.until, self._stopping, self._chance = port, until, stopping, chance
        self.token = ""
        self._cookies: dict[str, str] = {}

    def perform(self, operation: Operation) -> Reply | None:
        """Send the operation's request until there is a final answer; None if there is none in time."""
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            reply = self.send(operation.request)
            operation.attempts.append(reply.attempt)
            if not reply.attempt.is_retryable:
                return reply
            asked = min(reply.attempt.retry_after or 0, LONGEST_RETRY_AFTER)
            if time.time() + asked > self.until:
                break
            self._stopping.wait(max(asked, pause) * self._chance.uniform(1, 1.3))
            pause = min(2 * pause, LONGEST_PAUSE)
        return None

    def send(self, request: Request) -> Reply:
        """Send a request over a connection of its own, so that none is lost with an idle connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT_SECONDS)
        sent = time.time()
        try:
            try:
                connection.connect()
            except OSError as error:
                return Reply(Attempt(sent, time.time(), 0, _name(error), reached=False))
            try:
                headers = self._headers(request) | request.headers
                connection.request(request.method, request.path, self._body(request), headers)
                response = connection.getresponse()
                body = response.read()
            except (OSError, http.client.HTTPException) as error:
                return Reply(Attempt(sent, time.time(), 0, _name(error)))
        finally:
            connection.close()
        self._keep_cookies(response)
        again = response.headers.get("Retry-After", "")
        attempt = Attempt(
            sent,
            time.time(),
            response.status,
            _code(response, body),
            retry_after=float(again) if again.isdigit() else None,
        )
        return Reply(attempt, body, response.headers.get("Location", ""))

    def _body(self, request: Request) -> str | bytes | None:
        if request.content is not None:
            return request.content
        if request.body is None:
            return None
        if is_api(request):
            return json.dumps(request.body)
        return urlencode({"csrfmiddlewaretoken": self._cookies.get("csrftoken", ""), **request.body})

    def _headers(self, request: Request) -> dict[str, str]:
        if is_api(request):
            authorization = {"Authorization": f"Bearer {self.token}"} if self.token else {}
            return {"Content-Type": "application/json", **authorization}
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        return {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}

    def _keep_cookies(self, response: http.client.HTTPResponse) -> None:
        for line in response.headers.get_all("Set-Cookie", []):
            self._cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}


def is_api(request: Request) -> bool:
    return request.path.startswith(API)


def _name(error: Exception) -> str:
    """Return what happened to a connection, in words."""
    if isinstance(error, ConnectionRefusedError):
        return "connection refused"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return "connection lost"


def _code(response: http.client.HTTPResponse, body: bytes) -> str:
    """Return the code of a problem document, "" of any other answer."""
    if response.headers.get_content_type() != "application/problem+json":
        return ""
    return str(json.loads(body).get("code", ""))
