"""The second factor of a log-in: codes of an app (TOTP, RFC 6238), and recovery codes for a lost phone.

django-otp keeps both, with locks: a code works once, also for parallel requests, and each failure doubles
the time until the next try. The secret of the app is stored as it is, recovery codes as SHA-256.
"""

import hashlib
import math
import re
import secrets
from base64 import b32encode
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction
from django.utils import timezone
from django_otp import verify_token
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.errors import CustomerError
from accounts.models import User
from accounts.throttling import TooManyAttempts

APP_CODE = re.compile(r"[0-9]{6}")
# As it is shown.
RECOVERY_CODE = re.compile(r"[a-z2-7]{4}(?:-[a-z2-7]{4}){3}")
NUMBER_OF_CODES = 10
# Failures that double the wait: nine minutes at most.
MAX_DOUBLED = 10
# A recovery code has 80 random bits.
CODE_BYTES = 10


class CodeRequired(CustomerError):
    """The password of `user` is right, and a code is missing."""

    status = 401
    code = "otp_required"

    def __init__(self, user: User) -> None:
        super().__init__("a code is missing")
        self.user = user


class WrongCode(CustomerError):
    """The code is wrong, was used before, or is too old."""

    status = 401
    code = "otp_invalid"


def is_on(user: User) -> bool:
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def codes_left(user: User) -> int:
    return int(StaticToken.objects.filter(device__user=user).count())


def begin(user: User) -> TOTPDevice:
    """Return a new secret for an app, which counts once it is confirmed; others that are not end."""
    with _locked(user):
        TOTPDevice.objects.filter(user=user, confirmed=False).delete()
        return TOTPDevice.objects.create(user=user, confirmed=False, name="app")


def begun(user: User) -> TOTPDevice | None:
    return TOTPDevice.objects.filter(user=user, confirmed=False).first()


def confirm(user: User, code: str) -> list[str]:
    """Turn the second factor on with the first code of the app; return the recovery codes.

    An app that was used before ends. Raises `WrongCode` or `TooManyAttempts`.
    """
    device = begun(user)
    if device is None:
        raise WrongCode
    _verify(device, user, _compact(code))
    with _locked(user):
        if not TOTPDevice.objects.filter(pk=device.pk).update(confirmed=True):
            # Another page has begun anew meanwhile.
            raise WrongCode
        TOTPDevice.objects.filter(user=user).exclude(pk=device.pk).delete()
        return _new_codes(user)


def verify(user: User, code: str) -> None:
    """Use up a code of the app or a recovery code. Raises `CodeRequired`, `WrongCode` or `TooManyAttempts`.

    It must not run in a transaction, which would forget the failure.
    """
    code = _compact(code)
    if not code:
        raise CodeRequired(user)
    of_app = APP_CODE.fullmatch(code) is not None
    kind: type[TOTPDevice] | type[StaticDevice] = TOTPDevice if of_app else StaticDevice
    device = kind.objects.filter(user=user, confirmed=True).first()
    if device is None:
        raise WrongCode
    _verify(device, user, code if of_app else _digest(code))


def new_codes(user: User) -> list[str]:
    """Replace all recovery codes. They are shown once."""
    with _locked(user):
        return _new_codes(user)


def turn_off(user: User) -> None:
    with _locked(user):
        TOTPDevice.objects.filter(user=user).delete()
        StaticDevice.objects.filter(user=user).delete()


@contextmanager
def _locked(user: User) -> Iterator[None]:
    """A transaction in which nobody else changes what the user has."""
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        yield


def _verify(device: TOTPDevice | StaticDevice, user: User, code: str) -> None:
    # Each failure doubles the wait. Without an end, whoever knows the password could lock the owner out.
    capped = type(device).objects.filter(pk=device.pk, throttling_failure_count__gt=MAX_DOUBLED)
    if capped.update(throttling_failure_count=MAX_DOUBLED):
        device.refresh_from_db()
    allowed, refusal = device.verify_is_allowed()
    if not allowed:
        wait = (refusal["locked_until"] - timezone.now()).total_seconds()
        raise TooManyAttempts(max(1, math.ceil(wait)))
    if verify_token(user, device.persistent_id, code) is None:
        raise WrongCode


def _new_codes(user: User) -> list[str]:
    StaticDevice.objects.filter(user=user).delete()
    codes = [b32encode(secrets.token_bytes(CODE_BYTES)).decode().lower() for _ in range(NUMBER_OF_CODES)]
    device = StaticDevice.objects.create(user=user, name="recovery codes")
    StaticToken.objects.bulk_create(StaticToken(device=device, token=_digest(code)) for code in codes)
    return ["-".join(re.findall("....", code)) for code in codes]


def _compact(code: str) -> str:
    """Return the code as it was typed, without spaces, dashes and capital letters."""
    return re.sub(r"[\s-]", "", code).lower()


def _digest(code: str) -> str:
    """Return what is stored of a recovery code, as long as django-otp's column."""
    return hashlib.sha256(code.encode()).hexdigest()[:16]
