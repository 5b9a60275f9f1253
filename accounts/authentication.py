"""Who sends a request to the API, and whether they may use it.

DRF imports this module while it imports its own views, so nothing here may import them.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from accounts import tokens
from accounts.keys import services as keys
from accounts.models import ApiKey, Scope, User
from accounts.requests import current_user

if TYPE_CHECKING:
    from rest_framework.views import APIView


class BearerAuthentication(BaseAuthentication):
    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class KeyAuthentication(BearerAuthentication):
    """`Authorization: Bearer cs_…`, an API key. It comes before tokens, which look otherwise."""

    raises = (keys.InvalidKey,)

    def authenticate(self, request: Request) -> tuple[User, ApiKey] | None:
        """Return the key's user and the key, None if there is another credential. Raises `InvalidKey`."""
        credentials = _bearer_credentials(request)
        if not credentials or not keys.is_key(credentials[0]):
            return None
        if len(credentials) != 1:
            raise keys.InvalidKey
        key = keys.authenticate(credentials[0])
        return key.user, key


class TokenAuthentication(BearerAuthentication):
    """`Authorization: Bearer <access token>`, with the scheme in any case."""

    raises = (tokens.InvalidToken,)

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the token's user, None for another scheme. Raises `InvalidToken`."""
        credentials = _bearer_credentials(request)
        if credentials is None:
            return None
        if len(credentials) != 1:
            raise tokens.InvalidToken
        return tokens.authenticate(credentials[0]), None


def _bearer_credentials(request: Request) -> list[bytes] | None:
    """Return what follows the scheme `Bearer`, None for another scheme."""
    scheme, *credentials = get_authorization_header(request).split() or [b""]
    return credentials if scheme.lower() == b"bearer" else None


class HasAccess(IsAuthenticated):
    """Allows logged-in users, and keys with the scope that the view needs.

    Raises `PasswordChangeRequired` for a session with a one-time password, `InsufficientScope` and
    `KeyNotAllowed` for a key.
    """

    raises = (tokens.PasswordChangeRequired,)

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        if current_user(request).must_change_password:
            raise tokens.PasswordChangeRequired
        # A method that the view lacks is 405, with a key as without one.
        is_there = hasattr(view, str(request.method).lower())
        if isinstance(request.auth, ApiKey) and is_there and request.method != "OPTIONS":
            _check_scope(request.auth, scope_of(view, request.method))
        return True


def scope_of(view: object, method: str | None) -> Scope | None:
    """Return the scope that keys need for a method of a view, None if it takes no keys."""
    scopes: Mapping[str, Scope] = getattr(view, "key_scopes", {})
    return scopes.get("GET" if method == "HEAD" else method or "")


def _check_scope(key: ApiKey, scope: Scope | None) -> None:
    if scope is None:
        raise keys.KeyNotAllowed
    if scope not in key.scopes:
        raise keys.InsufficientScope(scope)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes `TokenAuthentication` in the API schema."""

    target_class = TokenAuthentication
    name = "jwtAuth"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class KeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes `KeyAuthentication` in the API schema, for the methods that take keys."""

    target_class = KeyAuthentication
    name = "apiKey"

    def get_security_requirement(self, auto_schema: Any) -> dict[str, list[Any]] | list[Any]:
        takes_keys = scope_of(auto_schema.view, auto_schema.method) is not None
        return {self.name: []} if takes_keys else []

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        description = "An API key: `cs_…`. Each operation names the scope that it needs."
        return {"type": "http", "scheme": "bearer", "bearerFormat": "cs_…", "description": description}
