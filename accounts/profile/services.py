"""What customers change about their account."""

from datetime import datetime

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.encoding import force_bytes, force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts import throttling
from accounts.errors import CustomerError
from accounts.models import User


class InvalidLink(CustomerError):
    """The link has expired, was used, belongs to another address, or was never made."""

    status = 404
    code = "link_not_valid"


class EmailTokens(PasswordResetTokenGenerator):
    """Tokens of links that confirm `pending_email`. They end with the password, and with either address."""

    key_salt = "accounts.profile.services.EmailTokens"

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        parts = (user.pk, timestamp, user.get_session_auth_hash(), user.email, user.pending_email)
        return "\n".join(map(str, (*parts, user.email_confirmed_at)))


email_tokens = EmailTokens()


def save_preferences(user: User, *, name: str, language: str, time_zone: str, theme: str) -> None:
    """Store what the form has checked; "" means what the browser has."""
    user.first_name, user.last_name = name, ""
    user.language, user.time_zone, user.theme = language, time_zone, theme
    user.save(update_fields=["first_name", "last_name", "language", "time_zone", "theme"])


def save_language(user: User, language: str) -> None:
    user.language = language
    user.save(update_fields=["language"])


def request_email(user: User, email: str) -> None:
    """Store the address that the next link confirms; earlier links end. Raises `TooManyAttempts`.

    Whether other accounts have the address is not looked at, so it cannot be found out.
    """
    throttling.take(throttling.EMAIL_LINKS, str(user.pk))
    throttling.take(throttling.EMAIL_LINKS_TO, email.casefold())
    user.pending_email = email
    user.save(update_fields=["pending_email"])


def email_link_arguments(user: User) -> list[str]:
    return [urlsafe_base64_encode(force_bytes(user.pk)), email_tokens.make_token(user)]


def user_of_link(uidb64: str, token: str) -> User:
    """Return the user whose pending address the link confirms. Raises `InvalidLink`."""
    try:
        user = User.objects.get(pk=force_str(urlsafe_base64_decode(uidb64)), is_active=True)
    except (ValueError, OverflowError, ValidationError, User.DoesNotExist) as error:
        # The first three: what is no text in Base64, and what is no UUID.
        raise InvalidLink from error
    if not user.pending_email or not email_tokens.check_token(user, token):
        raise InvalidLink
    return user


def confirm_email(uidb64: str, token: str, now: datetime | None = None) -> tuple[User, str]:
    """Make the pending address that of the account; return the user and the old address.

    Raises `InvalidLink`; of parallel calls with one link, a single one succeeds.
    """
    user = user_of_link(uidb64, token)
    old, new = user.email, user.pending_email
    # That the pending address is removed is what lets only one call pass.
    unused = User.objects.filter(pk=user.pk, email=old, pending_email=new)
    if not unused.update(email=new, pending_email="", email_confirmed_at=now or timezone.now()):
        raise InvalidLink
    user.refresh_from_db()
    return user, old
