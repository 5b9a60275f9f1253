"""Mails that tell the owner of an account what has been done with it."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import mails
from accounts.models import User
from accounts.profile.services import email_link_arguments

FOLDER = "accounts/notices"
# Each has a template for its subject and one for its text.
EMAIL_CHANGED = "email_changed"
SECOND_FACTOR_ON = "second_factor_on"
SECOND_FACTOR_OFF = "second_factor_off"
ACCOUNT_DELETED = "account_deleted"
RECOVERY_CODES = "recovery_codes"


def send_email_link(pk: str) -> None:
    """Mail the link that confirms the pending address of an account, if one is still pending."""
    user = User.objects.filter(pk=pk, is_active=True).exclude(pending_email="").first()
    if user is not None:
        link = settings.SITE_URL + reverse("accounts:email-confirm", args=email_link_arguments(user))
        context = _context(user.get_username()) | {"link": link}
        mails.send(f"{FOLDER}/email_link", [user.pending_email], context, {link: _("Confirm")})


def send(kind: str, address: str, username: str) -> None:
    """Send the mail `kind`, unless the account has no address. It names the account, never its address."""
    if address:
        mails.send(f"{FOLDER}/{kind}", [address], _context(username))


def _context(username: str) -> dict[str, str]:
    return {"username": username, "site": settings.SITE_URL}
