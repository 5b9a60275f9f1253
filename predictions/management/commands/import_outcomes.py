"""Store outcomes from a file, for all customers."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.errors import CustomerError
from accounts.models import User
from predictions.models import Batch
from predictions.outcomes.imports import import_batch_outcomes, import_outcomes
from predictions.scoring.problems import in_english

SHOWN = 100


class Command(BaseCommand):
    help = (
        "Store outcomes (id, outcome, observed_on) from a CSV file of any length; exit 1 if a row is wrong."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--by", required=True, help="the operator's username, kept with each outcome")
        parser.add_argument("--batch", type=UUID, help="the file of applicants whose rows these are")

    def handle(self, *args: Any, file: Path, by: str, batch: UUID | None = None, **options: Any) -> None:
        operator = User.objects.filter(username__iexact=by, is_staff=True, is_active=True).first()
        if operator is None:
            raise CommandError(f"there is no operator {by!r}")
        try:
            with file.open("rb") as content:
                if batch is None:
                    done = import_outcomes(content, by=operator, of=None, max_rows=None)
                else:
                    scored = Batch.objects.with_progress().get(pk=batch)
                    done = import_batch_outcomes(content, scored, by=operator, max_rows=None)
        except Batch.DoesNotExist as error:
            raise CommandError(f"there is no file {batch}") from error
        except (OSError, ValidationError) as error:
            raise CommandError(str(error)) from error
        except CustomerError as error:
            raise CommandError(f"this file has no results: {error.code}") from error
        for problem in done.problems[:SHOWN]:
            self.stderr.write(f"line {problem.line}: {problem.field}: {problem.text(in_english)}")
        counts = done.counts
        self.stdout.write(
            f"{done.rows} rows: {counts.new} new, {counts.changed} changed, {counts.unchanged} unchanged, "
            f"{done.refused} refused"
        )
        if done.refused:
            raise CommandError(f"{done.refused} rows were not stored")
