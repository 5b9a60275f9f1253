"""JSON Web Tokens for the API: a short-lived access token and a rotating refresh token."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from rest_framework_simplejwt.authentication import JWTAuthentication
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken
from rest_framework_simplejwt.tokens import RefreshToken

from accounts.errors import CustomerError
from accounts.models import User


@dataclass(frozen=True)
class TokenPair:
    access: str
    refresh: str
    access_expires: datetime


class PasswordChangeRequired(CustomerError):
    """The user must change a one-time password first."""

    status = 403
    code = "password_change_required"


def issue(user: User) -> TokenPair:
    """Return a new pair of tokens. Raises `PasswordChangeRequired`."""
    if user.must_change_password:
        raise PasswordChangeRequired
    refresh = RefreshToken.for_user(user)
    access = refresh.access_token
    return TokenPair(str(access), str(refresh), datetime.fromtimestamp(access["exp"], UTC))


def rotate(refresh: str) -> TokenPair:
    """Revoke a refresh token and return a new pair.

    Raises `TokenError` for an invalid or revoked token, `AuthenticationFailed` for a user who is deleted,
    deactivated or has changed the password since. Of parallel calls only one succeeds.
    """
    token = RefreshToken(refresh)  # type: ignore[arg-type]
    user = JWTAuthentication().get_user(token)
    assert isinstance(user, User)
    _blacklist(token)
    return issue(user)


def revoke(refresh: str) -> None:
    """Revoke a refresh token. Raises `TokenError` if it is invalid or already revoked."""
    _blacklist(RefreshToken(refresh))  # type: ignore[arg-type]


def _blacklist(token: RefreshToken) -> None:
    # Annotated as returning only the row, `blacklist` returns the result of get_or_create.
    _row, created = cast(tuple[BlacklistedToken, bool], token.blacklist())
    if not created:
        raise TokenError("Token is blacklisted")
