"""The mail with the links that set a new password."""

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.urls import reverse
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from accounts import mails
from accounts.models import User

# Accounts whose links one mail has, the oldest first.
MAX_ACCOUNTS = 5
# Accounts that are looked at: more share an address only if somebody makes them do so.
MAX_FOUND = 50


def send(email: str) -> None:
    """Send one mail with a link for each account that has this address; none if no account has it."""
    found = User.objects.with_email(email)[:MAX_FOUND]
    users = [user for user in found if user.has_usable_password()]
    if not users:
        return
    # To a server that tells upper from lower case, other spellings are other people.
    spellings = [user.email for user in users]
    address = email if email in spellings else spellings[0]
    owned = [user for user in users if user.email == address][:MAX_ACCOUNTS]
    accounts = [(user.get_username(), _link(user)) for user in owned]
    links = {link: _("Set password") for _name, link in accounts}
    mails.send("accounts/reset/email", [address], {"accounts": accounts}, links)


def _link(user: User) -> str:
    """Return the complete address of the page that sets a new password.

    It begins with `SITE_URL`, never with the `Host` of a request, which its sender chooses.
    """
    arguments = [urlsafe_base64_encode(force_bytes(user.pk)), default_token_generator.make_token(user)]
    return settings.SITE_URL + reverse("accounts:reset-confirm", args=arguments)
