"""A refresh token that is sent twice ends all tokens of its log-in, so the client never does that."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from accounts import tokens
from accounts.models import User
from creditscore_client import Login, NotAuthenticated, TokenPair, Tokens
from tests.clients.conftest import Connect
from tests.support.faulty_proxy import FaultyProxy, lose_the_answer
from tests.support.people import PASSWORD


def expired(user: User) -> TokenPair:
    """A pair whose access token is refused, and whose refresh token works."""
    return TokenPair("expired", tokens.issue(user).refresh)


def test_threads_share_one_refresh(connect: Connect, alice: User, proxy: FaultyProxy) -> None:
    saved: list[TokenPair] = []
    client = connect(proxy.url, credentials=Tokens(expired(alice), saved.append))
    with ThreadPoolExecutor(4) as threads:
        balances = list(threads.map(lambda _number: client.account.balance(), range(8)))
    assert len(set(balances)) == 1
    assert len(saved) == 1
    assert [path for _method, path, _headers in proxy.seen].count("/api/v1/auth/token/refresh/") == 1


def test_a_pair_that_has_ended_is_a_refusal(connect: Connect) -> None:
    client = connect(credentials=Tokens(TokenPair("expired", "expired")))
    with pytest.raises(NotAuthenticated) as refusal:
        client.account.balance()
    assert refusal.value.code == "token_not_valid"


def test_a_login_begins_again_if_an_answer_with_tokens_is_lost(
    connect: Connect, alice: User, proxy: FaultyProxy
) -> None:
    client = connect(proxy.url, credentials=Login(alice.username, PASSWORD))
    client.account.balance()
    tokens.revoke_all(alice)
    client.account.balance()
    paths = [path.removeprefix("/api/v1/") for _method, path, _headers in proxy.seen]
    assert paths[2:] == ["balance/", "auth/token/refresh/", "auth/token/", "balance/"]
    tokens.revoke_all(alice)
    proxy.seen.clear()
    proxy.faults = [lambda handler, forward: handler.send_error(401), lose_the_answer]
    client.account.balance()
    assert [path.removeprefix("/api/v1/") for _method, path, _headers in proxy.seen] == [
        *("balance/", "auth/token/refresh/", "auth/token/", "balance/")
    ]
