"""API endpoints for sign-up and tokens."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import services, tokens
from accounts.api_input import ApiView, Body, EmailField, TextField
from accounts.forms import MAX_IDENTIFIER
from accounts.models import User
from accounts.passwords import MAX_TYPED, PasswordLength
from accounts.requests import client_network


def _password_field() -> TextField:
    return TextField(
        max_length=MAX_TYPED,
        validators=[PasswordLength()],
        trim_whitespace=False,
        write_only=True,
        style={"input_type": "password"},
    )


class RegistrationSerializer(Body[User]):
    id = serializers.UUIDField(read_only=True)
    username = TextField(max_length=150)
    email = EmailField(max_length=254)
    password = _password_field()


class CredentialsSerializer(Body[User]):
    username = TextField(max_length=MAX_IDENTIFIER, help_text="The username or the email.")
    password = _password_field()


class TokenPairSerializer(serializers.Serializer[tokens.TokenPair]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class RefreshSerializer(Body[tokens.TokenPair]):
    refresh = TextField()


class PublicView(ApiView):
    """No authentication needed; whatever the Authorization header holds is ignored."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        """The WWW-Authenticate header; without one, DRF answers wrong credentials with 403, not 401."""
        return 'Bearer realm="api"'


class RegisterView(PublicView):
    body = RegistrationSerializer

    @extend_schema(request=RegistrationSerializer, responses={201: RegistrationSerializer})
    def post(self, request: Request) -> Response:
        user = services.register(**self.read_body(request), network=client_network(request))
        return Response(RegistrationSerializer(user).data, status=status.HTTP_201_CREATED)


class TokenView(PublicView):
    body = CredentialsSerializer

    @extend_schema(request=CredentialsSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        user = services.log_in(request, **self.read_body(request))
        return Response(TokenPairSerializer(tokens.issue(user)).data)


class RefreshView(PublicView):
    body = RefreshSerializer

    @extend_schema(request=RefreshSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        pair = tokens.rotate(self.read_body(request)["refresh"])
        return Response(TokenPairSerializer(pair).data)


class LogoutView(PublicView):
    body = RefreshSerializer

    @extend_schema(request=RefreshSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        tokens.revoke(self.read_body(request)["refresh"])
        return Response(status=status.HTTP_204_NO_CONTENT)
