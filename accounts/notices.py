"""Mails that tell the owner of an account what has been done with it."""

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.urls import reverse

from accounts.models import User
from accounts.profile.services import email_link_arguments
from telemetry import metrics

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
        send("email_link", user.pending_email, user.get_username(), link=link)


def send(kind: str, address: str, username: str, **context: str) -> None:
    """Send the mail `kind`, unless the account has no address. It names the account, never its address."""
    if not address:
        return
    context |= {"username": username, "site": settings.SITE_URL}
    subject = render_to_string(f"accounts/notices/{kind}_subject.txt", context).strip()
    text = render_to_string(f"accounts/notices/{kind}.txt", context)
    try:
        send_mail(subject, text, None, [address])
    except Exception:
        metrics.mailed("failed")
        raise
    metrics.mailed("sent")
