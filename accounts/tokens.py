"""JSON Web Tokens for the API: a short-lived access token, and a refresh token that each use replaces.

The tokens that descend from one log-in are a family, a row of `TokenFamily`. No token is stored. A family
ends when its row is deleted: at log-out, and when a refresh token is used twice, so somebody has a copy.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework import exceptions
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.errors import CustomerError
from accounts.models import TokenFamily, User

logger = logging.getLogger(__name__)


# DRF asks for its own exceptions where the browsable API finds out what a user may do.
class PasswordChangeRequired(CustomerError, exceptions.PermissionDenied):
    """The user must change a one-time password first."""

    status = 403
    code = "password_change_required"


class InvalidToken(CustomerError, exceptions.AuthenticationFailed):
    """The token is no token of this service, of the wrong kind, expired, spent or revoked."""

    status = 401
    code = "token_not_valid"


@dataclass(frozen=True)
class TokenPair:
    access: str
    refresh: str
    access_expires: datetime


@dataclass(frozen=True)
class _Claims:
    """What a valid token says of itself."""

    id: UUID
    family: UUID
    user: UUID


def issue(user: User) -> TokenPair:
    """Return the first pair of a new family. Raises `PasswordChangeRequired`."""
    if user.must_change_password:
        raise PasswordChangeRequired
    now = timezone.now()
    TokenFamily.objects.filter(user=user, expires_at__lte=now).delete()
    end = now + api_settings.REFRESH_TOKEN_LIFETIME
    family = TokenFamily.objects.create(user=user, auth_hash=user.get_session_auth_hash(), expires_at=end)
    return _pair(family)


def rotate(refresh: str) -> TokenPair:
    """Replace a refresh token: return a new pair of the same family. Raises `InvalidToken`.

    Of parallel calls with one token, a single one succeeds, and the others end the family like any second
    use. This must not run in a transaction that the exception rolls back.
    """
    claims = _read(refresh, RefreshToken)
    family = _live_family(claims)
    family.refresh_id = uuid4()
    unused = TokenFamily.objects.filter(pk=family.pk, refresh_id=claims.id)
    if not unused.update(refresh_id=family.refresh_id):
        TokenFamily.objects.filter(pk=family.pk).delete()
        logger.warning("A refresh token of user %s was used twice; its family is revoked", family.user_id)
        raise InvalidToken
    return _pair(family)


def revoke(refresh: str) -> None:
    """End the family of a refresh token, spent or not. Raises `InvalidToken`."""
    claims = _read(refresh, RefreshToken)
    deleted, _models = TokenFamily.objects.filter(pk=claims.family, user=claims.user).delete()
    if not deleted:
        raise InvalidToken


def revoke_all(user: User) -> None:
    """End every family of the user."""
    TokenFamily.objects.filter(user=user).delete()


def delete_expired() -> int:
    """Delete the families that have ended by themselves; return how many."""
    return TokenFamily.objects.filter(expires_at__lte=timezone.now()).delete()[0]


def authenticate(access: bytes) -> User:
    """Return the user of an access token. Raises `InvalidToken`."""
    return _live_family(_read(access, AccessToken)).user


def _pair(family: TokenFamily) -> TokenPair:
    access_expires = min(timezone.now() + api_settings.ACCESS_TOKEN_LIFETIME, family.expires_at)
    return TokenPair(
        _write(family, AccessToken(), uuid4(), access_expires),
        _write(family, RefreshToken(), family.refresh_id, family.expires_at),
        datetime.fromtimestamp(int(access_expires.timestamp()), UTC),
    )


def _write(family: TokenFamily, token: AccessToken | RefreshToken, token_id: UUID, expires: datetime) -> str:
    token["jti"] = token_id.hex
    token["family"] = family.pk.hex
    token["user_id"] = str(family.user_id)
    token["exp"] = int(expires.timestamp())
    return str(token)


def _read(token: str | bytes, kind: type[AccessToken | RefreshToken]) -> _Claims:
    """Check signature, times and kind of a token. Raises `InvalidToken`."""
    try:
        claims = kind(token)  # type: ignore[arg-type]  # takes the text of a token, whatever its annotation
        return _Claims(UUID(claims["jti"]), UUID(claims["family"]), UUID(claims["user_id"]))
    except (TokenError, KeyError, TypeError, AttributeError, ValueError) as error:
        # The last three: a claim that should be a UUID is a number, a list or another text.
        raise InvalidToken from error


def _live_family(claims: _Claims) -> TokenFamily:
    """Return the token's family with its user, in one query.

    Raises `InvalidToken` if the family has ended, its user has no access now, or the password has changed.
    """
    try:
        family = TokenFamily.objects.select_related("user").get(pk=claims.family)
    except TokenFamily.DoesNotExist as error:
        raise InvalidToken from error
    user = family.user
    if user.pk != claims.user or not user.is_active or user.must_change_password:
        raise InvalidToken
    if family.expires_at <= timezone.now():
        raise InvalidToken
    if not constant_time_compare(family.auth_hash, user.get_session_auth_hash()):
        raise InvalidToken
    return family
