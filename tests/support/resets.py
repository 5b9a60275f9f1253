"""Links that reset a password, as they come by mail."""

import re

from django.core import mail

from accounts import tasks
from accounts.models import User

LINK = re.compile(r"https?://\S+(/account/reset/\S+/)")


def reset_links(email: str, language: str = "en") -> list[str]:
    """Do the worker's part of a request and return the paths of the links that were mailed."""
    mail.outbox.clear()
    tasks.mail_reset_links(email, language)
    return [link for message in mail.outbox for link in LINK.findall(str(message.body))]


def reset_link(user: User) -> str:
    (link,) = reset_links(user.email)
    return link
