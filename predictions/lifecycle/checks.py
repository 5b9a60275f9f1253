"""Whether a version can be used: it is loaded, and asked for its golden scores, in a process of its own."""

import hashlib
import logging
import subprocess
import sys
from functools import cache
from importlib.metadata import version as installed

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from predictions.models import ScoringModel, VersionCheck
from predictions.models.versions import MAX_PROBLEM_LENGTH
from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError, ArtifactRef

logger = logging.getLogger(__name__)

# What reads and scores: another one of these is a reason to check again.
ENGINES = ("catboost", "numpy", "onnxruntime")
# A version loads in one or two seconds, on a busy machine in ten.
CHECK_SECONDS = 60


def check(model: ScoringModel, ref: ArtifactRef) -> VersionCheck:
    """Check a version now and store what came out. Takes seconds; this process loads no engine."""
    found, _created = VersionCheck.objects.update_or_create(
        model=model,
        version=ref.version,
        defaults={
            "fingerprint": fingerprint(ref),
            "problem": _problem(ref)[:MAX_PROBLEM_LENGTH],
            "checked_at": timezone.now(),
        },
    )
    if found.problem:
        logger.error("%s %s is not usable: %s", model.slug, ref.version, found.problem)
    return found


def fingerprint(ref: ArtifactRef) -> str:
    """Return one SHA-256 of a version's files and of the libraries that use them; "" if it is not listed."""
    try:
        files = artifacts.fingerprint(settings.ARTIFACTS_DIR, ref)
    except ArtifactError:
        return ""
    return hashlib.sha256(f"{files} {_libraries()}".encode()).hexdigest()


@cache
def _libraries() -> str:
    return " ".join(f"{name} {installed(name)}" for name in ENGINES)


def check_next() -> bool:
    """Check one version that was not checked with these files and libraries; False if there is none.

    Processes may do so at the same time: both then find the same.
    """
    checked = set(VersionCheck.objects.values_list("model", "version", "fingerprint"))
    for model in ScoringModel.objects.all():
        for ref in listed(model):
            if (model.pk, ref.version, fingerprint(ref)) not in checked:
                check(model, ref)
                return True
    return False


def broken_on_sale() -> int:
    """Return how many models sell a version whose last check has found a problem."""
    broken = VersionCheck.objects.exclude(problem="")
    return broken.filter(model__active=True, model__on_sale__version=F("version")).count()


def listed(model: ScoringModel) -> list[ArtifactRef]:
    """Return the versions of the model in the artifact folder, the newest first; logs why there are none."""
    try:
        return artifacts.versions(settings.ARTIFACTS_DIR, model.slug)
    except ArtifactError as error:
        logger.error("the versions of %s are unknown: %s", model.slug, error)
        return []


def _problem(ref: ArtifactRef) -> str:
    """Return why a version cannot be used; "" if it gives its golden scores."""
    folder = settings.ARTIFACTS_DIR
    home = artifacts.home(folder, ref.slug, ref.version)
    command = [sys.executable, "-m", "predictions.scoring.golden", str(home), ref.slug, ref.version]
    try:
        # Cheap, and it also compares the hash that `ref` names with the one that is listed.
        artifacts.usable(folder, ref)
        run = subprocess.run(
            command, cwd=settings.BASE_DIR, capture_output=True, text=True, timeout=CHECK_SECONDS, check=False
        )
    except ArtifactError as error:
        return str(error)
    except subprocess.TimeoutExpired:
        return f"Not loaded within {CHECK_SECONDS} s."
    if run.returncode == 0:
        return ""
    # Killed, or out of memory: then it has said nothing, or a traceback.
    said = run.stdout.strip() or run.stderr.strip().rpartition("\n")[2]
    return said or f"The process that loads it ended with {run.returncode}."
