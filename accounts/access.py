"""Who is asking."""

from django.http import HttpRequest
from rest_framework.request import Request

from accounts.models import User


def signed_in(request: HttpRequest | Request) -> User:
    """The user behind a request that a login check has let pass."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("signed_in() needs a view that demands a log-in")
    return user
