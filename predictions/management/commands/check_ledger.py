"""Check the ledger and the orders."""

import sys
from itertools import chain
from typing import Any

from django.core.management.base import BaseCommand

from billing import audit as ledger
from billing.models import Entry, Wallet
from predictions.jobs import audit as orders


class Command(BaseCommand):
    help = "Check that every wallet adds up and every prediction is paid or refunded; exit 1 if not."

    def handle(self, *args: Any, **options: Any) -> None:
        count = 0
        for count, problem in enumerate(chain(ledger.problems(), orders.problems()), start=1):
            self.stderr.write(problem)
        wallets, entries = Wallet.objects.count(), Entry.objects.count()
        if count:
            self.stderr.write(f"{count} faults in {wallets} wallets, {entries} entries")
            sys.exit(1)
        self.stdout.write(f"The books are right: {wallets} wallets, {entries} entries")
