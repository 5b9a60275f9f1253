"""Trains the three models: ``python -m predictions.training DATA.csv --out ml_artifacts``.

Checks the data first. Exit code 0: trained. 2: the data was refused, with a message. The same data, seed and
libraries give byte-identical files.
"""

import argparse
import sys
import time
from pathlib import Path

from predictions.scoring.data_texts import text_of
from predictions.training.artifacts import write_model
from predictions.training.data import BadData, Data, check_frame, read_data
from predictions.training.recipes import FULL, QUICK, Effort
from predictions.training.steps import slugs_of, train_models
from predictions.training.synthetic import synthetic_frame

SEED = 20240
QUICK_ROWS = 2_000


def main(arguments: list[str] | None = None) -> int:
    """Run the command line `arguments` (None: those of the process) and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m predictions.training", description=__doc__)
    parser.add_argument(
        "data", nargs="?", type=Path, help="CSV with the fields of the schema and loan_status"
    )
    parser.add_argument("--out", type=Path, required=True, help="artifact folder, created if missing")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--quick", action="store_true", help="small models; without DATA, on synthetic loans")
    options = parser.parse_args(arguments)
    if options.data is None and not options.quick:
        parser.error("give DATA, or --quick to train on synthetic loans")
    try:
        data = _load_data(options.data, options.seed)
    except BadData as error:
        for one in error.found:
            print(f"Found: {text_of(one)}", file=sys.stderr)
        print(f"Not trained: {error}", file=sys.stderr)
        return 2
    train(data, options.out, options.seed, QUICK if options.quick else FULL)
    return 0


def train(data: Data, out: Path, seed: int, effort: Effort) -> None:
    """Train and measure all models, and write them to the folder `out`."""
    started = time.monotonic()

    def report(text: str) -> None:
        print(f"{time.monotonic() - started:6.1f} s  {text}", flush=True)

    for one in data.found:
        report(f"found: {text_of(one)}")
    for trained in train_models(data, seed, effort, slugs_of(effort), lambda step: report(str(step))):
        version = write_model(out, trained.artifact)
        figures = "  ".join(f"{name} {trained.metrics[name]:.4f}" for name in ("roc_auc", "brier", "ece"))
        report(f"{trained.artifact.slug} {version}: {figures}")


def _load_data(path: Path | None, seed: int) -> Data:
    if path is None:
        return check_frame(synthetic_frame(QUICK_ROWS, seed), f"synthetic-{QUICK_ROWS}-{seed}")
    return read_data(path)


if __name__ == "__main__":
    sys.exit(main())
