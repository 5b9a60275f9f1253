"""Scores a file block by block in bounded memory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from predictions.scoring.artifacts import current, load
from predictions.scoring.checks import check
from predictions.scoring.models.protocol import Model
from predictions.scoring.predict import approve
from predictions.scoring.results import OUTPUT_COLUMNS, results, results_header
from predictions.scoring.sources import Source, open_source

# How many skipped lines are named.
MAX_NAMED = 10


@dataclass(frozen=True)
class Outcome:
    """The number of rows with a probability, with an error, and without any value, which are left out.

    `skipped_lines` has the first of the lines that were left out.
    """

    scored: int = 0
    refused: int = 0
    skipped: int = 0
    skipped_lines: tuple[int, ...] = ()


def score_file(
    folder: Path, slug: str, source: Path, target: Path, progress: Callable[[int], None]
) -> Outcome:
    """Write `source` with `OUTPUT_COLUMNS` added to `target`, which is created only when complete.

    `target` is UTF-8, has the delimiter of `source`, and a byte order mark if `source` has one. A row that is
    not a valid applicant gets an `error` with its line and no probability. `progress` is called with the
    number of rows done. Raises `UnusableFile`, `ArtifactError` or `OSError`.
    """
    model = load(folder, current(folder, slug))
    part = target.with_name(target.name + ".part")
    try:
        with source.open("rb") as incoming:
            table = open_source(incoming, OUTPUT_COLUMNS)
            with part.open("wb") as outgoing:
                outcome = _copy(model, table, outgoing, progress)
        part.replace(target)
        return outcome
    finally:
        part.unlink(missing_ok=True)


def _copy(model: Model, table: Source, outgoing: BinaryIO, progress: Callable[[int], None]) -> Outcome:
    outgoing.write(results_header(table.shape))
    scored = refused = skipped = 0
    named: list[int] = []
    for block in table.blocks():
        checked = check(block, model.columns)
        outgoing.write(results(checked, approve(model, checked.raw)))
        scored, refused = scored + len(checked.raw), refused + checked.bad
        skipped += len(checked.skipped)
        named += checked.skipped[: MAX_NAMED - len(named)]
        progress(scored + refused)
    return Outcome(scored, refused, skipped, tuple(named))
