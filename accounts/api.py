"""API endpoints for sign-up and tokens."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services, tokens
from accounts.api_errors import raises
from accounts.api_input import ApiView, Body, EmailField, TextField, body_of
from accounts.forms import MAX_IDENTIFIER
from accounts.hashers import ServiceBusy
from accounts.models import User
from accounts.passwords import MAX_TYPED, PasswordLength
from accounts.requests import client_network
from accounts.second_factor.forms import MAX_TYPED_CODE
from accounts.second_factor.services import CodeRequired, WrongCode
from accounts.throttling import TooManyAttempts

# The codes of Django's password validators, and of a name that is taken.
SIGN_UP_CODES = (
    "password_too_similar",
    "password_too_short",
    "password_too_common",
    "password_entirely_numeric",
    "unique",
)


def _password_field() -> TextField:
    return TextField(
        max_length=MAX_TYPED,
        help_text=_("At least 8 characters."),
        validators=[PasswordLength()],
        trim_whitespace=False,
        write_only=True,
        style={"input_type": "password"},
    )


class RegistrationSerializer(Body[User]):
    id = serializers.UUIDField(read_only=True)
    username = TextField(max_length=150, help_text=_("The name to log in with. It cannot contain @."))
    email = EmailField(max_length=254, help_text=_("Where links to reset the password are sent."))
    password = _password_field()
    example: ClassVar = {
        "id": "c1f59780-127a-426f-9c4d-29cf3d5a73f7",
        "username": "anna",
        "email": "anna@example.com",
        "password": "a long sentence that only you know",
    }


class CredentialsSerializer(Body[User]):
    username = TextField(max_length=MAX_IDENTIFIER, help_text=_("The username or the email."))
    password = _password_field()
    otp = TextField(
        required=False,
        allow_blank=True,
        max_length=MAX_TYPED_CODE,
        write_only=True,
        help_text=_("The code of the app, or a recovery code, if two-factor log-in is on."),
    )
    example: ClassVar = {
        "username": "anna",
        "password": "a long sentence that only you know",
        "otp": "123456",
    }


class TokenPairSerializer(serializers.Serializer[tokens.TokenPair]):
    access = serializers.CharField(help_text=_("Send it with every request. It expires."))
    refresh = serializers.CharField(help_text=_("Gets the next pair, once."))
    example: ClassVar = {"access": "eyJhbGciOiJIUzI1NiI…", "refresh": "eyJhbGciOiJIUzI1NiI…"}


class RefreshSerializer(Body[tokens.TokenPair]):
    refresh = TextField(help_text=_("The refresh token."))
    example: ClassVar = {"refresh": "eyJhbGciOiJIUzI1NiI…"}


class PublicView(ApiView):
    """No authentication needed; whatever the Authorization header holds is ignored."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        """The WWW-Authenticate header; without one, DRF answers wrong credentials with 403, not 401."""
        return 'Bearer realm="api"'


class RegisterView(PublicView):
    body = RegistrationSerializer

    @extend_schema(
        summary=_("Sign up"),
        description=_("Creates an account. Its first access token comes from `POST /api/v1/auth/token/`."),
        request=RegistrationSerializer,
        responses={201: OpenApiResponse(RegistrationSerializer, _("The account."))},
    )
    @raises(TooManyAttempts, ServiceBusy, fields=SIGN_UP_CODES)
    def post(self, request: Request) -> Response:
        user = services.register(**self.read_body(request), network=client_network(request))
        return Response(body_of(RegistrationSerializer, user), status=status.HTTP_201_CREATED)


class TokenView(PublicView):
    body = CredentialsSerializer

    @extend_schema(
        summary=_("Log in"),
        description=_(
            "Gives a pair of tokens. The access token goes into the header `Authorization: Bearer …` of "
            "every request; the refresh token gets the next pair when the access token has expired. An "
            "account with two-factor log-in also needs `otp`: without it, the answer is 401 `otp_required`."
        ),
        request=CredentialsSerializer,
        responses={200: OpenApiResponse(TokenPairSerializer, _("A pair of tokens."))},
    )
    @raises(services.WrongCredentials, CodeRequired, WrongCode, tokens.PasswordChangeRequired)
    @raises(TooManyAttempts, ServiceBusy)
    def post(self, request: Request) -> Response:
        user = services.log_in(request, **self.read_body(request))
        return Response(body_of(TokenPairSerializer, tokens.issue(user)))


class RefreshView(PublicView):
    body = RefreshSerializer

    @extend_schema(
        summary=_("Get new tokens"),
        description=_(
            "Replaces both tokens. A refresh token works once: if it is sent again, the pair and all tokens "
            "refreshed from it are revoked."
        ),
        request=RefreshSerializer,
        responses={200: OpenApiResponse(TokenPairSerializer, _("The next pair of tokens."))},
    )
    @raises(tokens.InvalidToken)
    def post(self, request: Request) -> Response:
        pair = tokens.rotate(self.read_body(request)["refresh"])
        return Response(body_of(TokenPairSerializer, pair))


class LogoutView(PublicView):
    body = RefreshSerializer

    @extend_schema(
        summary=_("Log out"),
        description=_("Revokes the refresh token and all tokens of its family, access tokens included."),
        request=RefreshSerializer,
        responses={204: OpenApiResponse(description=_("The tokens are revoked."))},
    )
    @raises(tokens.InvalidToken)
    def post(self, request: Request) -> Response:
        tokens.revoke(self.read_body(request)["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)
