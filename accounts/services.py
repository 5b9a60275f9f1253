"""Account operations, called by pages, API and admin."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts import throttling
from accounts.errors import CustomerError
from accounts.models import User
from accounts.requests import client_address


class WrongCredentials(CustomerError):
    """No active account has this username and password."""

    status = 401
    code = "invalid_credentials"


def register(*, username: str, email: str, password: str, address: str) -> User:
    """Create a customer. Raises `ValidationError` by field, `TooManyAttempts` for `address`."""
    problems = sign_up_problems(username=username, email=email, password=password)
    if problems:
        raise ValidationError(problems)
    user = User(username=username, email=email)
    throttling.take(throttling.SIGN_UPS, address)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError({"username": [_taken()]}) from error
    return user


def sign_up_problems(*, username: str, email: str, password: str) -> dict[str, list[ValidationError]]:
    """Return the errors that `register` would raise, by field, without hashing, counting or storing."""
    user = User(username=username, email=email)
    problems: dict[str, list[ValidationError]] = {}
    try:
        user.clean_fields(exclude=["password"])
    except ValidationError as error:
        problems |= error.error_dict
    if "username" not in problems and _is_taken(username):
        problems["username"] = [_taken()]
    try:
        validate_password(password, user)
    except ValidationError as error:
        problems["password"] = error.error_list
    return problems


def _is_taken(username: str) -> bool:
    return User.objects.filter(Exact(Lower("username"), username.lower())).exists()


def _taken() -> ValidationError:
    return ValidationError(_("This username is taken."), code="unique")


def log_in(request: HttpRequest | Request, *, username: str, password: str) -> User:
    """Return the user with these credentials. Raises `WrongCredentials` or `TooManyAttempts`.

    An attempt is counted before the password is hashed, and uncounted if the password is right, so
    parallel guesses cannot exceed the limits.
    """
    address, name = client_address(request), username.lower()
    limits = (
        (throttling.LOGIN_FAILURES, f"{address}:{name}"),
        (throttling.LOGIN_FAILURES_OF_ADDRESS, address),
        (throttling.LOGIN_FAILURES_OF_USERNAME, name),
    )
    with _counted(limits):
        user = authenticate(None, username=username, password=password)
        if not isinstance(user, User):
            raise WrongCredentials
    return user


def confirm_password(user: User, password: str) -> None:
    """Check a logged-in user's password. Raises `WrongCredentials`, or `TooManyAttempts` after guessing."""
    with _counted([(throttling.LOGIN_FAILURES, f"session:{user.pk}")]):
        if not user.check_password(password):
            raise WrongCredentials


@contextmanager
def _counted(limits: Sequence[tuple[throttling.Limit, str]]) -> Iterator[None]:
    """Count an attempt under all `limits`; uncount it if the body does not raise."""
    # `all` stops at the first failure, so an unreachable cache is tried once, not once per limit.
    counted = all(throttling.take(limit, identity) for limit, identity in limits)
    yield
    if counted:
        for limit, identity in limits:
            throttling.give_back(limit, identity)


def checked_password(password: str, user: User) -> str:
    """Return `password` if `user` may use it. Raises `ValidationError`."""
    validate_password(password, user)
    return password


def change_password(user: User, new_password: str) -> None:
    """Also ends all other sessions and all tokens: they remember a hash that depends on the password."""
    user.set_password(new_password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])


def end_access(user: User) -> None:
    """End all sessions and tokens of the user for good, even if access is given back later."""
    User.objects.filter(pk=user.pk).update(access_version=F("access_version") + 1)
    user.refresh_from_db(fields=["access_version"])
