"""Account operations, called by pages, API and admin."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Lower
from django.db.models.lookups import Exact
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from rest_framework.request import Request

from accounts import hashers, throttling
from accounts.attempts import devices, limits
from accounts.errors import CustomerError
from accounts.models import User
from accounts.passwords import normalized
from accounts.requests import client_network


class WrongCredentials(CustomerError):
    """No active account has this username and password."""

    status = 401
    code = "invalid_credentials"


def register(*, username: str, email: str, password: str, network: str) -> User:
    """Create a customer, whose address network is known from then on.

    Raises `ValidationError` by field, `TooManyAttempts` for `network`, or `ServiceBusy`.
    """
    problems = sign_up_problems(username=username, email=email, password=password)
    if problems:
        raise ValidationError(problems)
    user = User(username=username, email=email)
    throttling.take(throttling.SIGN_UPS, network)
    with hashers.queue.slot(stranger=True):
        user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError as error:
        raise ValidationError({"username": [_taken()]}) from error
    limits.remember_network(f"user:{user.pk}", network)
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
        validate_password(normalized(password), user)
    except ValidationError as error:
        problems["password"] = error.error_list
    return problems


def _is_taken(username: str) -> bool:
    return User.objects.filter(Exact(Lower("username"), username.lower())).exists()


def _taken() -> ValidationError:
    return ValidationError(_("This username is taken."), code="unique")


def log_in(request: HttpRequest | Request, *, username: str, password: str) -> User:
    """Return the active user with this name or e-mail address and this password.

    Raises `WrongCredentials`, `TooManyAttempts` or `ServiceBusy`.
    """
    user = find_account(username)
    # A name and its e-mail address share their counters, as do all spellings of a name.
    account = f"user:{user.pk}" if user else f"name:{username.lower()}"
    device = devices.known_device(request, user)
    with limits.log_in(account, client_network(request), device, password) as attempt:
        with hashers.queue.slot(stranger=not attempt.known):
            attempt.right = _is_right(user, password)
        if user is None or not attempt.right:
            raise WrongCredentials
    return user


def find_account(username: str) -> User | None:
    """Return the user with this name, else the only active one with this e-mail address, else None."""
    try:
        return User.objects.get_by_natural_key(username)
    except User.DoesNotExist:
        found = User.objects.active_with_email(username, limit=2)
        return found[0] if len(found) == 1 else None


def _is_right(user: User | None, password: str) -> bool:
    """Check the password; takes as long if there is no such user, so that time reveals no names."""
    if user is None:
        hashers.PasswordHasher().hash_nothing(password)
        return False
    return user.check_password(password) and user.is_active


def confirm_password(user: User, password: str) -> None:
    """Check a logged-in user's password. Raises `WrongCredentials`, `TooManyAttempts` or `ServiceBusy`."""
    with limits.confirmation(f"user:{user.pk}", password) as attempt:
        attempt.right = user.check_password(password)
        if not attempt.right:
            raise WrongCredentials


def checked_password(password: str, user: User) -> str:
    """Return `password` if `user` may use it. Raises `ValidationError`."""
    validate_password(normalized(password), user)
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
