"""Scores a file: ``python -m predictions.scoring score --model catboost in.csv out.csv``.

The file is UTF-8, or UTF-16 with a byte order mark; its cells are separated by commas, semicolons or tabs.
Numbers may have thousands separators and a decimal comma. Years in current job and interest rate may be
unknown: empty, NA, N/A, #N/A, NaN, null, None or -. The share of income may be left out. The result has the
same separator and your own columns. Of an Excel workbook, the first sheet is read; the result is CSV.

Exit code 0: every row has a probability. 1: some rows have an error instead. 2: nothing was written
because the file, its columns or the model cannot be used.
"""

import argparse
import sys
from pathlib import Path

from predictions.scoring.artifacts import ArtifactError
from predictions.scoring.files import Outcome, score_file
from predictions.scoring.lines import UnusableFile

ARTIFACTS = Path(__file__).resolve().parents[2] / "ml_artifacts"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line `arguments` (None: those of the process) and return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m predictions.scoring",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="score")
    command = commands.add_parser("score", help="add probabilities to a file of applicants")
    command.add_argument("--model", required=True, metavar="SLUG", help="a model in the artifact folder")
    command.add_argument("--artifacts", type=Path, default=ARTIFACTS, help="artifact folder")
    command.add_argument(
        "source", type=Path, help="CSV or XLSX with one column per field; other columns are copied"
    )
    command.add_argument("target", type=Path, help="CSV to write")
    options = parser.parse_args(arguments)
    return score(options.artifacts, options.model, options.source, options.target)


def score(artifacts: Path, slug: str, source: Path, target: Path) -> int:
    """Score one file, print the counts or the error to stderr, and return the exit code."""
    try:
        outcome = score_file(artifacts, slug, source, target, _print_progress)
    except (ArtifactError, UnusableFile, OSError) as error:
        print(f"Nothing was written: {error}", file=sys.stderr)
        return 2
    print(_summary(outcome), file=sys.stderr)
    return 1 if outcome.refused else 0


def _summary(outcome: Outcome) -> str:
    counts = f"{outcome.scored} rows scored, {outcome.refused} with an error"
    if not outcome.skipped:
        return counts
    named = ", ".join(map(str, outcome.skipped_lines))
    more = "" if outcome.skipped == len(outcome.skipped_lines) else ", …"
    return f"{counts}, {outcome.skipped} without any value left out (lines {named}{more})"


def _print_progress(done: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} rows", end="\r", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
