"""Print a new one-time password of the operator."""

import secrets
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.management.commands.create_operator import EMAIL, USERNAME
from accounts.models import User


class Command(BaseCommand):
    help = "Give the operator a new one-time password and print it; create the account if there is none."

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=USERNAME).first()
        if user is None:
            user = User(username=USERNAME, email=EMAIL, is_staff=True, is_superuser=True)
        elif not (user.is_superuser and user.is_active):
            raise CommandError(f"{USERNAME!r} is not an operator. Create one: manage.py createsuperuser")
        password = secrets.token_urlsafe(16)
        # Also ends all sessions and tokens: they remember a hash that depends on the password.
        user.set_password(password)
        user.must_change_password = True
        user.save()
        self.stdout.write(f"Log in as {USERNAME!r} with this one-time password: {password}")
