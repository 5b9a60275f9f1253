"""What is no valid access token is a 401 in the reader's language, never a 500 and never let in."""

import base64
from collections.abc import Callable

import jwt
import pytest
from django.conf import settings
from rest_framework.test import APIClient

from accounts import tokens
from accounts.models import User
from accounts.tokens import TokenPair
from tests.support.people import Answer
from tests.support.tokens import ME, claims_of, forged, log_out, refresh, seconds_from_now

pytestmark = pytest.mark.django_db
Forge = Callable[[TokenPair], str]
TEXTS = {
    "en": "The token is invalid or has expired.",
    "ru": "Токен недействителен или его срок истёк.",
}
NO_ID = "00000000-0000-4000-8000-000000000000"
# For each claim: what it must not be.
NO_UUID: list[object] = [
    None,
    True,
    1,
    1.5,
    -(10**30),
    [],
    [NO_ID],
    {},
    "",
    "x",
    "\0",
    "x" * 10_000,
    "é",
    "../..",
]
NO_TIME: list[object] = [[], {}, "x", "\0", "x" * 10_000, float("nan"), float("inf")]
WRONG_CLAIMS: dict[str, list[object]] = {
    "token_type": [*NO_UUID, NO_ID, "refresh token"],
    "jti": NO_UUID,
    "family": [*NO_UUID, NO_ID],
    "user_id": [*NO_UUID, NO_ID],
    "iat": [None, *NO_TIME, 10**400],
    "exp": [None, *NO_TIME],
    "nbf": [*NO_TIME, 10**400],
}


def signed(pair: TokenPair, key: str, algorithm: str) -> str:
    return jwt.encode(claims_of(pair.access), key, algorithm)


def with_header(pair: TokenPair, header: str) -> str:
    encoded = base64.urlsafe_b64encode(header.encode()).rstrip(b"=").decode()
    return ".".join([encoded, *pair.access.split(".")[1:]])


BAD_TOKENS: dict[str, Forge] = {
    "the refresh token": lambda pair: pair.refresh,
    "no signature": lambda pair: pair.access.rsplit(".", 1)[0] + ".",
    "another token's signature": lambda pair: f"{pair.access.rsplit('.', 1)[0]}.{pair.refresh.split('.')[2]}",
    "alg none": lambda pair: jwt.encode(claims_of(pair.access), None, "none"),
    "alg none in the header only": lambda pair: with_header(pair, '{"alg":"none","typ":"JWT"}'),
    "another key": lambda pair: signed(pair, "x" * 64, "HS256"),
    "the key of the sessions": lambda pair: signed(pair, settings.SECRET_KEY + "x", "HS256"),
    "another algorithm with the right key": lambda pair: signed(pair, settings.JWT_SIGNING_KEY, "HS384"),
    "a public key's algorithm": lambda pair: with_header(pair, '{"alg":"RS256","typ":"JWT"}'),
    "an algorithm that is a list": lambda pair: with_header(pair, '{"alg":["HS256"]}'),
    "a header that is nested deeply": lambda pair: with_header(pair, "[" * 5000),
    "a header that is no object": lambda pair: with_header(pair, "[]"),
    "claims that are no object": lambda _pair: jwt.PyJWS().encode(b"[]", settings.JWT_SIGNING_KEY, "HS256"),
    "no claims": lambda _pair: jwt.encode({}, settings.JWT_SIGNING_KEY, "HS256"),
    "expired": lambda pair: forged(pair.access, exp=seconds_from_now(-1)),
    "not valid yet": lambda pair: forged(pair.access, nbf=seconds_from_now(60)),
    "issued in the future": lambda pair: forged(pair.access, iat=seconds_from_now(60)),
    "for another audience": lambda pair: forged(pair.access, aud="another"),
    "four parts": lambda pair: f"{pair.access}.x",
    "cut off": lambda pair: pair.access[:-1],
    "not base64": lambda _pair: "a.b.c",
    "dots": lambda _pair: "..",
    "text": lambda _pair: "x",
    "quoted": lambda pair: f'"{pair.access}"',
    "with a comma": lambda pair: f"{pair.access},",
}


def ask(header: str, language: str = "en") -> Answer:
    answer: Answer = APIClient(raise_request_exception=False).get(
        ME, HTTP_AUTHORIZATION=header, HTTP_ACCEPT_LANGUAGE=language
    )
    return answer


def assert_refused(answer: Answer, language: str = "en") -> None:
    assert answer.status_code == 401
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.json()["code"] == "token_not_valid"
    assert answer.json()["detail"] == TEXTS[language]


@pytest.mark.parametrize("forge", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_token_opens_nothing(alice: User, forge: Forge) -> None:
    bad = forge(tokens.issue(alice))
    for language in TEXTS:
        assert_refused(ask(f"Bearer {bad}", language), language)


@pytest.mark.parametrize("forge", BAD_TOKENS.values(), ids=BAD_TOKENS.keys())
def test_a_bad_refresh_token_is_neither_replaced_nor_logged_out(alice: User, forge: Forge) -> None:
    pair = tokens.issue(alice)
    # What is bad about an access token is bad about a refresh token, and the other way around.
    swapped = TokenPair(pair.refresh, pair.access, pair.access_expires)
    for send in (refresh, log_out):
        answer = send(forge(swapped))
        assert (answer.status_code, answer.json()["code"]) == (401, "token_not_valid")
    assert ask(f"Bearer {pair.access}").status_code == 200


@pytest.mark.parametrize("claim", WRONG_CLAIMS)
def test_every_claim_is_checked(alice: User, claim: str) -> None:
    pair = tokens.issue(alice)
    bad = [{claim: value} for value in WRONG_CLAIMS[claim]]
    for access in (forged(pair.access, **change) for change in bad):
        assert_refused(ask(f"Bearer {access}"))
    for token in (forged(pair.refresh, **change) for change in bad):
        for send in (refresh, log_out):
            assert send(token).status_code == 401
    if claim not in ("nbf", "iat"):
        assert_refused(ask(f"Bearer {forged(pair.access, claim)}"))
        assert refresh(forged(pair.refresh, claim)).status_code == 401
    assert ask(f"Bearer {pair.access}").status_code == 200


def test_a_token_belongs_to_the_user_of_its_family(alice: User, bob: User) -> None:
    assert_refused(ask(f"Bearer {forged(tokens.issue(alice).access, user_id=str(bob.pk))}"))


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer    ", "bearer", "Bearer a b", "Bearer {access} x", "Bearer x {access}",
     "Bearer \xe9\xff", "Bearer {access}\xe9", "Bearer Bearer {access}", "BEARER\t"],
)  # fmt: skip
@pytest.mark.parametrize("language", TEXTS)
def test_a_bad_header_is_refused_in_the_readers_language(alice: User, header: str, language: str) -> None:
    text = header.format(access=tokens.issue(alice).access)
    assert_refused(ask(text, language), language)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer  "])
def test_the_scheme_may_be_in_any_case(alice: User, scheme: str) -> None:
    assert ask(f"{scheme} {tokens.issue(alice).access}").status_code == 200


@pytest.mark.parametrize(
    "header",
    ["", "Basic YWxpY2U6eA==", "Basic", "Token {access}", "{access}", "Bearer{access}", "Bearer:{access}",
     "JWT {access}", "\xe9", "Béarer {access}"],
)  # fmt: skip
@pytest.mark.parametrize("language", TEXTS)
def test_another_scheme_is_no_log_in(alice: User, header: str, language: str) -> None:
    text = header.format(access=tokens.issue(alice).access).encode().decode("latin-1")
    answer = ask(text, language)
    assert (answer.status_code, answer.json()["code"]) == (401, "not_authenticated")
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.json()["detail"].isascii() is (language == "en")


def test_the_browsable_api_refuses_too(alice: User) -> None:
    answer = APIClient(raise_request_exception=False).get(
        ME, HTTP_AUTHORIZATION="Bearer x", HTTP_ACCEPT="text/html"
    )
    assert answer.status_code == 401
