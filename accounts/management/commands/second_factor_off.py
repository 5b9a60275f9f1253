"""Turn off the two-factor log-in of an operator who has lost the phone and the codes."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts import events
from accounts.models import User
from accounts.second_factor import services


class Command(BaseCommand):
    help = "Turn off the two-factor log-in of a user."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = User.objects.get_by_natural_key(options["username"])
        except User.DoesNotExist as error:
            raise CommandError("There is no such user.") from error
        services.turn_off(user)
        events.account_changed(user, "second factor turned off on the server")
        self.stdout.write("Two-factor log-in is off.")
