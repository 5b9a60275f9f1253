"""Runs the training that waits longest, in a process of its own, and stores what it tells.

That process has none of the secrets of this one. Its memory is free when it ends, and it is killed when its
training is canceled.
"""

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from importlib.util import find_spec
from typing import Any

from django.conf import settings

from predictions import priority
from predictions.lifecycle import challengers, trainings
from predictions.lifecycle.sales import NotPromoted
from predictions.lifecycle.trainings import Problem, Status
from predictions.models import Challenge, ScoringModel, TrainingRun

logger = logging.getLogger(__name__)

# What training needs and serving does not.
NEEDED = ("pandas", "scipy", "sklearn", "threadpoolctl")
SEED = 20240
# Longer than any file that can be uploaded takes on a busy machine.
MAX_SECONDS = 6 * 3600
# So often the row is looked at: is it canceled?
LOOK_SECONDS = 2
# What the process may see of the environment.
PASSED_ON = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "LD_LIBRARY_PATH")

# Set when this process is about to end.
stopping = threading.Event()


def run_next() -> bool:
    """Run the training that waits longest to its end; False if there is nothing to do."""
    run = None if stopping.is_set() else trainings.claim()
    if run is None:
        return False
    if any(find_spec(name) is None for name in NEEDED):
        return trainings.end(run, Status.FAILED, problem=Problem.NOT_INSTALLED)
    if not trainings.file_of(run.pk).exists():
        return trainings.end(run, Status.FAILED, problem=Problem.FILE_AWAY)
    try:
        _run(run)
    except Exception:
        logger.exception("training %s failed", run.pk)
        trainings.end(run, Status.FAILED, problem=Problem.CRASHED)
    return True


def _run(run: TrainingRun) -> None:
    process = subprocess.Popen(
        _command(run),
        cwd=settings.BASE_DIR,
        env={name: os.environ[name] for name in PASSED_ON if name in os.environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    told: dict[str, Any] = {}
    try:
        how = _follow(run, process, told)
    finally:
        process.kill()
        process.wait()
    if how == "too_long":
        trainings.end(run, Status.FAILED, problem=Problem.TOO_LONG)
    elif how == "stopped":
        trainings.give_back(run)
    elif how == "ended":
        _store(run, told, process.returncode)


def _store(run: TrainingRun, told: dict[str, Any], code: int) -> None:
    """Store what became of a training whose process has ended by itself."""
    if "versions" in told:
        _complete(run, told["versions"])
    elif "refused" in told:
        trainings.end(run, Status.REFUSED, refusal=told["refused"])
    else:
        logger.error("the process of training %s has ended with %s", run.pk, code)
        trainings.end(run, Status.FAILED, problem=Problem.CRASHED if code > 0 else Problem.DIED)


def _command(run: TrainingRun) -> list[str]:
    return [
        *(sys.executable, "-m", "predictions.training.job", str(trainings.file_of(run.pk))),
        *("--out", str(settings.VERSIONS_DIR), "--beside", str(settings.ARTIFACTS_DIR)),
        *("--seed", str(SEED), "--parent", str(os.getpid())),
        *(["--idle"] if priority.gives_way() else []),
        *(["--quick"] if run.effort == TrainingRun.Effort.QUICK else []),
        *("--models", *run.slugs),
    ]


def _follow(run: TrainingRun, process: "subprocess.Popen[str]", told: dict[str, Any]) -> str:
    """Store what the process tells, also in `told`, until there is a reason to end.

    Returns it: it has `ended`, is `canceled`, this process is being `stopped`, or it takes `too_long`.
    """
    lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
    reader.start()
    end = time.monotonic() + MAX_SECONDS
    while time.monotonic() < end:
        try:
            line = lines.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            line = "{}"
        if line is None:
            reader.join()
            process.wait()
            return "ended"
        new: dict[str, Any] = json.loads(line)
        told |= new
        if "versions" in told:
            # They are written, whatever else happens now.
            process.wait()
            return "ended"
        if not trainings.renew(run, **_columns(new)):
            return "canceled"
        if stopping.is_set():
            return "stopped"
    return "too_long"


def _columns(told: dict[str, Any]) -> dict[str, Any]:
    columns = {name: told[name] for name in ("step", "found") if name in told}
    return columns | ({"progress": told["percent"]} if "percent" in told else {})


def _read(process: "subprocess.Popen[str]", lines: "queue.SimpleQueue[str | None]") -> None:
    """Pass on each line that the process writes, and None at the end."""
    assert process.stdout
    with process.stdout as output:
        for line in output:
            lines.put(line)
    lines.put(None)


def _complete(run: TrainingRun, versions: dict[str, str]) -> None:
    """Let the new versions challenge, where nothing does yet, and store that the training has ended."""
    begun = []
    for slug, version in versions.items():
        # It is loaded and checked first, which takes seconds.
        trainings.renew(run, versions=versions)
        if run.share_percent and _challenge(run, slug, version):
            begun.append(slug)
    trainings.end(run, Status.COMPLETED, progress=100, step={}, challengers=begun)


def _challenge(run: TrainingRun, slug: str, version: str) -> bool:
    """Return whether the version challenges the one on sale now."""
    model = ScoringModel.objects.filter(slug=slug).first()
    if model is None or Challenge.objects.filter(current_of=model).exists():
        return False
    try:
        challengers.begin(
            model, version, share_percent=run.share_percent, operator=run.created_by, reason=run.reason
        )
    except NotPromoted as refusal:
        logger.error("%s %s does not challenge: %s", slug, version, refusal or type(refusal).__name__)
        return False
    return True
