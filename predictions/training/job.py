"""A training for the service: ``python -m predictions.training.job DATA --out FOLDER --beside FOLDER …``.

It is a process of its own, which gives way to everything else and ends with the process that has started it.
It can be killed at any moment: versions are written at the end. It tells what it does as lines of JSON. Exit
code 0: trained. 2: the data were refused.
"""

import argparse
import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from predictions.training.artifacts import write_model
from predictions.training.data import BadData, read_data
from predictions.training.recipes import FULL, QUICK
from predictions.training.steps import count, train_models

PR_SET_PDEATHSIG = 1


def main(arguments: list[str] | None = None) -> int:
    """Run the command line `arguments` (None: those of the process) and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m predictions.training.job", description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder of the installation's own versions")
    parser.add_argument("--beside", type=Path, required=True, help="folder of the delivered versions")
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--quick", action="store_true", help="small models, for trying out")
    parser.add_argument("--parent", type=int, help="the process that has started this one")
    parser.add_argument("--idle", action="store_true", help="work while nothing else wants the processor")
    options = parser.parse_args(arguments)
    if options.parent is not None:
        end_with(options.parent)
    if options.idle:
        give_way()
    try:
        data = read_data(options.data)
    except BadData as refused:
        tell(found=refused.found, refused=refused.refusal)
        return 2
    tell(found=data.found)
    train(data, options)
    return 0


def train(data: Any, options: argparse.Namespace) -> None:
    """Train the models that were asked for, then write them all."""
    effort, slugs = QUICK if options.quick else FULL, tuple(options.models)
    steps, done = count(effort, slugs) + 1, 0

    def told(step: Any) -> None:
        nonlocal done
        done += 1
        tell(step=vars(step), percent=100 * done // (steps + 1))

    trained = list(train_models(data, options.seed, effort, slugs, told))
    tell(step={"code": "writing"}, percent=99)
    versions = {one.artifact.slug: write_model(options.out, one.artifact, options.beside) for one in trained}
    tell(versions=versions)


def tell(**what: Any) -> None:
    """Print a line of JSON."""
    print(json.dumps(what), flush=True)


def give_way() -> None:
    """Work only while nothing else wants the processor."""
    if sys.platform == "linux":
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))


def end_with(parent: int) -> None:
    """End when the process `parent` does."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        # It has ended before it could be watched.
        sys.exit(1)


if __name__ == "__main__":
    sys.exit(main())
