"""What can be done with an account; pages, API and admin all call these."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
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
    """A new customer. Raises `ValidationError` by field and `TooManyAttempts` for the address."""
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
    """All that `register` would refuse, by field; nothing is hashed, counted or stored."""
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
    """The user with these credentials. Raises `WrongCredentials` or `TooManyAttempts`.

    An attempt is counted before the password is hashed and given back when it was right, so
    parallel guesses cannot slip past the count.
    """
    address, name = client_address(request), username.lower()
    counted = (
        (throttling.LOGIN_FAILURES, f"{address}:{name}"),
        (throttling.LOGIN_FAILURES_OF_ADDRESS, address),
        (throttling.LOGIN_FAILURES_OF_USERNAME, name),
    )
    with _counted(counted):
        user = authenticate(None, username=username, password=password)
        if not isinstance(user, User):
            raise WrongCredentials
    return user


def confirm_password(user: User, password: str) -> None:
    """Whoever sits at an open session may not guess on. Raises `WrongCredentials` or `TooManyAttempts`."""
    with _counted([(throttling.LOGIN_FAILURES, f"session:{user.pk}")]):
        if not user.check_password(password):
            raise WrongCredentials


@contextmanager
def _counted(limits: Sequence[tuple[throttling.Limit, str]]) -> Iterator[None]:
    """Count an attempt under all `limits`, and give it back when the body ends well."""
    # A cache that does not answer is asked once, not once for each limit.
    counting = all(throttling.take(limit, who) for limit, who in limits)
    yield
    if counting:
        for limit, who in limits:
            throttling.give_back(limit, who)


def checked_password(password: str, user: User) -> str:
    """The password itself, when it is a good one for `user`. Raises `ValidationError`."""
    validate_password(password, user)
    return password


def change_password(user: User, new_password: str) -> None:
    """Ends every other session and every token: both carry a hash of the old password."""
    user.set_password(new_password)
    user.must_change_password = False
    user.save(update_fields=["password", "must_change_password"])
