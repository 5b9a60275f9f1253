"""Who sends the requests: an API key, a pair of tokens, or a username with its password."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from creditscore_client.errors import ConnectionFailed, NotAuthenticated
from creditscore_client.transport import Request, Transport


@dataclass(frozen=True)
class ApiKey:
    """A key from the site's page for API keys."""

    key: str

    def header(self, transport: Transport) -> str:
        return f"Bearer {self.key}"

    def renew(self, transport: Transport, refused: str) -> bool:
        return False


@dataclass(frozen=True)
class TokenPair:
    access: str
    refresh: str


class Tokens:
    """A pair of tokens, which is refreshed when the access token has expired.

    A refresh token works once, so `save` is called with each new pair. May be used by many threads, but by
    one process only.
    """

    def __init__(self, pair: TokenPair, save: Callable[[TokenPair], object] | None = None) -> None:
        self._pair: TokenPair | None = pair
        self._save, self._lock = save, threading.Lock()

    def header(self, transport: Transport) -> str:
        with self._lock:
            return f"Bearer {self._current(transport).access}"

    def renew(self, transport: Transport, refused: str) -> bool:
        with self._lock:
            if self._pair and refused != f"Bearer {self._pair.access}":
                return True  # another thread has renewed it
            pair = self._next(transport)
            if pair is None:
                return False
            self._keep(pair)
            return True

    def _current(self, transport: Transport) -> TokenPair:
        assert self._pair
        return self._pair

    def _next(self, transport: Transport) -> TokenPair | None:
        """Return the next pair, None if the refresh token has ended as well."""
        if self._pair is None:
            return None
        body = {"refresh": self._pair.refresh}
        try:
            # Never repeated: a refresh token that is sent twice ends all tokens of its log-in.
            return _pair(transport, Request("POST", "auth/token/refresh/", json=body))
        except NotAuthenticated:
            return None

    def _keep(self, pair: TokenPair) -> None:
        self._pair = pair
        if self._save:
            self._save(pair)


class Login(Tokens):
    """A username (or email) with its password. Logs in when a token is needed and none can be refreshed."""

    def __init__(self, username: str, password: str) -> None:
        self._body = {"username": username, "password": password}
        self._pair, self._save, self._lock = None, None, threading.Lock()

    def _current(self, transport: Transport) -> TokenPair:
        if self._pair is None:
            self._keep(self._log_in(transport))
        return super()._current(transport)

    def _next(self, transport: Transport) -> TokenPair | None:
        try:
            pair = super()._next(transport)
        except ConnectionFailed:
            pair = None  # the refresh token may be spent
        return pair or self._log_in(transport)

    def _log_in(self, transport: Transport) -> TokenPair:
        answer = transport.send(Request("POST", "auth/token/", json=self._body), public=True)
        return TokenPair(answer.body["access"], answer.body["refresh"])


def _pair(transport: Transport, request: Request) -> TokenPair:
    body = transport.once(request).body
    return TokenPair(body["access"], body["refresh"])
