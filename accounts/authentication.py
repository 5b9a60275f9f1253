"""Who sends a request to the API, and whether they may use it.

DRF imports this module while it imports its own views, so nothing here may import them.
"""

from typing import TYPE_CHECKING

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request

from accounts import tokens
from accounts.models import User
from accounts.requests import current_user

if TYPE_CHECKING:
    from rest_framework.views import APIView


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access token>`, with the scheme in any case."""

    raises = (tokens.InvalidToken,)

    def authenticate(self, request: Request) -> tuple[User, None] | None:
        """Return the token's user, None for another scheme. Raises `InvalidToken`."""
        scheme, *credentials = get_authorization_header(request).split() or [b""]
        if scheme.lower() != b"bearer":
            return None
        if len(credentials) != 1:
            raise tokens.InvalidToken
        return tokens.authenticate(credentials[0]), None

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


class HasAccess(IsAuthenticated):
    """Allows logged-in users. Raises `PasswordChangeRequired` for a session with a one-time password."""

    raises = (tokens.PasswordChangeRequired,)

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if not super().has_permission(request, view):
            return False
        if current_user(request).must_change_password:
            raise tokens.PasswordChangeRequired
        return True


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Describes `TokenAuthentication` in the API schema."""

    target_class = TokenAuthentication
    name = "jwtAuth"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
