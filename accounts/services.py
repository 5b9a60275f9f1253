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

from accounts import events, hashers, throttling
from accounts.attempts import devices, limits
from accounts.errors import CustomerError
from accounts.keys import services as keys
from accounts.models import User
from accounts.passwords import normalized
from accounts.requests import client_network
from accounts.second_factor import services as second_factor
from accounts.webhooks import endpoints

# Passwords that a log-in by e-mail address compares.
MAX_ACCOUNTS_OF_EMAIL = 2


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
    if any(error.code == "invalid" for error in problems.get("username", [])):
        # Django's own text allows @.
        text = _("Use only Latin letters, digits and . + - _")
        problems["username"] = [ValidationError(text, code="invalid")]
    if "@" in username:
        # A name that is somebody's address would be taken for it.
        problems["username"] = [ValidationError(_("A username cannot contain @."), code="invalid")]
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


def log_in(request: HttpRequest | Request, *, username: str, password: str, otp: str = "") -> User:
    """Return the active user with this name or e-mail address and this password.

    `otp` is the code of an account with a second factor. Raises `WrongCredentials`, `CodeRequired`,
    `WrongCode`, `TooManyAttempts` or `ServiceBusy`.
    """
    found, network = accounts_named(username), client_network(request)
    try:
        user = _log_in(request, found, network, username, password)
        if second_factor.is_on(user):
            second_factor.verify(user, otp)
    except CustomerError as refusal:
        events.log_in_refused(refusal, found, network)
        raise
    events.logged_in(user, network)
    return user


def log_in_with_code(request: HttpRequest, user: User, code: str) -> None:
    """Take the second step of a log-in. Raises `CodeRequired`, `WrongCode` or `TooManyAttempts`."""
    network = client_network(request)
    try:
        second_factor.verify(user, code)
    except CustomerError as refusal:
        events.log_in_refused(refusal, [user], network)
        raise
    events.logged_in(user, network)


def _log_in(
    request: HttpRequest | Request, found: list[User], network: str, username: str, password: str
) -> User:
    typed = f"name:{username.lower()}"
    # A name and its e-mail address share the counters of their account, as do all spellings of a name.
    account = f"user:{found[0].pk}" if len(found) == 1 else typed
    device = next(filter(None, (devices.known_device(request, user) for user in found)), "")
    checks = MAX_ACCOUNTS_OF_EMAIL if "@" in username else 1
    with limits.log_in(account, typed, network, device, password, checks) as attempt:
        with hashers.queue.slot(stranger=not attempt.known):
            user = _with_password(found, password, checks)
        attempt.right = user is not None
        if user is None:
            raise WrongCredentials
    return user


def accounts_named(username: str) -> list[User]:
    """Return the user with this name; for an e-mail address, at most `MAX_ACCOUNTS_OF_EMAIL` who have it.

    Nobody proves that an address is theirs, so several accounts may have it, and old names may look like one.
    The password decides among them: nobody can take the log-in of an address away, or find out by one sign-up
    whether somebody else has it.
    """
    named = User.objects.filter(Exact(Lower("username"), username.lower()))
    if "@" not in username:
        return list(named)
    sharing = User.objects.with_email(username)
    # The oldest and the newest: whoever came first, and whoever asks after a sign-up.
    users = [*sharing[:1], *named, *sharing.reverse()[:1]]
    return list({user.pk: user for user in users}.values())[:MAX_ACCOUNTS_OF_EMAIL]


def _with_password(users: list[User], password: str, checks: int) -> User | None:
    """Return the active user with this password.

    If there is none, it takes as long as `checks` wrong passwords, so that time reveals no names.
    """
    for user in users:
        if user.check_password(password) and user.is_active:
            return user
    for _missing in range(checks - len(users)):
        hashers.PasswordHasher().hash_nothing(password)
    return None


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


def end_programs(user: User) -> tuple[int, int]:
    """Revoke the user's API keys and switch off the webhooks; return how many of each."""
    revoked = keys.revoke(keys.live_keys(user))
    return revoked, endpoints.switch_off_all(user, endpoints.OffReason.OWNER)


def end_access(user: User) -> None:
    """End all sessions, tokens and API keys of the user for good, even if access is given back later.

    Webhooks are switched off: whoever gets the access back switches on what is theirs.
    """
    keys.revoke(user.api_keys.all())
    endpoints.switch_off_all(user, endpoints.OffReason.ACCESS)
    end_sessions(user)


def end_sessions(user: User) -> None:
    """End all sessions and tokens of the user for good. API keys stay."""
    User.objects.filter(pk=user.pk).update(access_version=F("access_version") + 1)
    user.refresh_from_db(fields=["access_version"])
