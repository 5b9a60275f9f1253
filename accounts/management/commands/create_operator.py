"""Create the first operator with a one-time password."""

import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from accounts.models import User

USERNAME, EMAIL = "operator", "operator@localhost.localdomain"


class Command(BaseCommand):
    help = "Create the operator account if there is no superuser; write its one-time password to var/."

    def handle(self, *args: Any, **options: Any) -> None:
        file: Path = settings.VAR_DIR / "operator-password"
        if not User.objects.filter(is_superuser=True).exists():
            password = secrets.token_urlsafe(16)
            User.objects.create_superuser(USERNAME, EMAIL, password, must_change_password=True)
            file.unlink(missing_ok=True)
            file.touch(mode=0o600)
            file.write_text(password + "\n")
            self.stdout.write(f"Created the account {USERNAME!r}; its one-time password is in {file}")
        elif file.exists() and not User.objects.filter(username=USERNAME, must_change_password=True).exists():
            # The password has been changed, so the file is no longer needed.
            file.unlink()
