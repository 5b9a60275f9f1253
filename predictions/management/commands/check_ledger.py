"""Check the ledger and the orders."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from billing.models import Entry, Wallet
from predictions.jobs import audit


class Command(BaseCommand):
    help = "Check that every wallet adds up and every prediction is paid or refunded; exit 1 if not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--full", action="store_true", help="read everything, not only what is new since the last check"
        )

    def handle(self, *args: Any, full: bool, **options: Any) -> None:
        progress = self._show_progress if self.stderr.isatty() else None
        count = 0
        for count, problem in enumerate(audit.problems(full=full, progress=progress), start=1):
            self.stderr.write(problem)
        wallets, entries = Wallet.objects.count(), Entry.objects.count()
        if count:
            self.stderr.write(f"{count} faults in {wallets} wallets, {entries} entries")
            sys.exit(1)
        self.stdout.write(f"The books are right: {wallets} wallets, {entries} entries")

    def _show_progress(self, wallets: int) -> None:
        """On one line, which the next text overwrites."""
        self.stderr.write(f"{wallets} wallets read", ending="\r")
