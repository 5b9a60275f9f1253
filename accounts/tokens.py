"""JSON Web Tokens for the API: a short access token and a refresh token that rotates."""

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
    """A one-time password opens the page that changes it, and nothing else."""

    status = 403
    code = "password_change_required"


def issue(user: User) -> TokenPair:
    """Raises `PasswordChangeRequired`."""
    if user.must_change_password:
        raise PasswordChangeRequired
    refresh = RefreshToken.for_user(user)
    access = refresh.access_token
    return TokenPair(str(access), str(refresh), datetime.fromtimestamp(access["exp"], UTC))


def rotate(refresh: str) -> TokenPair:
    """A new pair for a refresh token, which ends with it.

    Raises `TokenError` for a token that is bad or used up, `AuthenticationFailed` for a user who is
    gone, switched off or has changed the password since. Of parallel calls one alone wins.
    """
    token = RefreshToken(refresh)  # type: ignore[arg-type]
    user = JWTAuthentication().get_user(token)
    assert isinstance(user, User)
    end(token)
    return issue(user)


def revoke(refresh: str) -> None:
    """Log out: the refresh token ends. Raises `TokenError` when it has ended already."""
    end(RefreshToken(refresh))  # type: ignore[arg-type]


def end(token: RefreshToken) -> None:
    # The method is annotated as giving the row alone; it gives what get_or_create does.
    _row, created = cast(tuple[BlacklistedToken, bool], token.blacklist())
    if not created:
        raise TokenError("Token is blacklisted")
