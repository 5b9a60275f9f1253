"""API endpoints for sign-up and tokens."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework_simplejwt.exceptions import InvalidToken, TokenError

from accounts import services, tokens
from accounts.forms import MAX_PASSWORD
from accounts.models import User
from accounts.requests import client_address


class RegistrationSerializer(serializers.Serializer[User]):
    id = serializers.UUIDField(read_only=True)
    username = serializers.CharField(max_length=150)
    email = serializers.EmailField(max_length=254)
    password = serializers.CharField(
        max_length=MAX_PASSWORD, trim_whitespace=False, write_only=True, style={"input_type": "password"}
    )


class CredentialsSerializer(serializers.Serializer[User]):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(
        max_length=MAX_PASSWORD, trim_whitespace=False, style={"input_type": "password"}
    )


class TokenPairSerializer(serializers.Serializer[tokens.TokenPair]):
    access = serializers.CharField()
    refresh = serializers.CharField()


class RefreshSerializer(serializers.Serializer[tokens.TokenPair]):
    refresh = serializers.CharField()


class PublicView(APIView):
    """No authentication needed; an expired token in the header is ignored."""

    authentication_classes = ()
    permission_classes = (AllowAny,)

    def get_authenticate_header(self, request: Request) -> str:
        """The WWW-Authenticate header; without one, DRF answers wrong credentials with 403, not 401."""
        return 'Bearer realm="api"'


class RegisterView(PublicView):
    @extend_schema(request=RegistrationSerializer, responses={201: RegistrationSerializer})
    def post(self, request: Request) -> Response:
        form = RegistrationSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = services.register(**form.validated_data, address=client_address(request))
        return Response(RegistrationSerializer(user).data, status=status.HTTP_201_CREATED)


class TokenView(PublicView):
    @extend_schema(request=CredentialsSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        form = CredentialsSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        user = services.log_in(request, **form.validated_data)
        return Response(TokenPairSerializer(tokens.issue(user)).data)


class RefreshView(PublicView):
    @extend_schema(request=RefreshSerializer, responses=TokenPairSerializer)
    def post(self, request: Request) -> Response:
        form = RefreshSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            pair = tokens.rotate(form.validated_data["refresh"])
        except TokenError as error:
            raise InvalidToken(error.args[0]) from error
        return Response(TokenPairSerializer(pair).data)


class LogoutView(PublicView):
    @extend_schema(request=RefreshSerializer, responses={204: None})
    def post(self, request: Request) -> Response:
        form = RefreshSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        try:
            tokens.revoke(form.validated_data["refresh"])
        except TokenError as error:
            raise InvalidToken(error.args[0]) from error
        return Response(status=status.HTTP_204_NO_CONTENT)
