"""A browser without scripts, and an API client, for the real web server."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from email.message import Message
from http.cookiejar import CookieJar
from typing import Any

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="(\w+)"')


class Surfer:
    def __init__(self, port: int) -> None:
        self.root = f"http://127.0.0.1:{port}"
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, path: str, **headers: str) -> tuple[int, str, Message[str, str]]:
        return self._send(urllib.request.Request(self.root + path, headers=_named(headers)))

    def submit(self, path: str, **inputs: object) -> tuple[int, str, Message[str, str]]:
        """Open a page with a form and send it; redirects are followed."""
        _status, page, _headers = self.get(path)
        token = TOKEN.search(page)
        assert token, page
        data = urllib.parse.urlencode({"csrfmiddlewaretoken": token[1], **inputs}).encode()
        return self._send(urllib.request.Request(self.root + path, data))

    def call(self, path: str, body: object, **headers: str) -> tuple[int, Any, Message[str, str]]:
        """POST to the API: JSON, or bytes as they are."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {"Content-Type": "application/json", **_named(headers)}
        status, text, answered = self._send(urllib.request.Request(f"{self.root}/api/v1/{path}", data, named))
        return status, json.loads(text) if text else None, answered

    def _send(self, request: urllib.request.Request) -> tuple[int, str, Message[str, str]]:
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode(), answer.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), error.headers


def _named(headers: dict[str, str]) -> dict[str, str]:
    """`X_Request_ID` is the header X-Request-ID."""
    return {name.replace("_", "-"): value for name, value in headers.items()}
