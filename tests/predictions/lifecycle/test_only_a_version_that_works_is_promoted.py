"""A version is put on sale only if it loads, is what was published, and gives its golden scores."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings as configured
from pytest_django import Settings

from accounts.models import User
from predictions.catalog import artifact_for_sale
from predictions.lifecycle import checks
from predictions.lifecycle.sales import Unusable, promote
from predictions.models import ScoringModel, VersionCheck
from predictions.scoring import artifacts
from predictions.scoring.artifacts import GOLDEN, ArtifactRef
from predictions.training.artifacts import add_file

SLUG = "logistic-regression"


def change_a_golden_score(folder: Path, ref: ArtifactRef) -> None:
    content = json.loads((folder / ref.slug / ref.version / GOLDEN).read_text())
    content["approval_probabilities"][0] += 0.01
    add_file(folder, ref, GOLDEN, content)


def change_the_model(folder: Path, ref: ArtifactRef) -> None:
    file = folder / ref.slug / ref.version / "model.json"
    file.write_bytes(file.read_bytes() + b" ")


def break_the_model(folder: Path, ref: ArtifactRef) -> None:
    """With its new hash in the manifest: it is what was published, and cannot be loaded."""
    add_file(folder, ref, "model.json", {"base": 1})


def lose_the_model(folder: Path, ref: ArtifactRef) -> None:
    (folder / ref.slug / ref.version / "model.json").unlink()


def lose_the_golden_scores(folder: Path, ref: ArtifactRef) -> None:
    (folder / ref.slug / ref.version / GOLDEN).unlink()


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (change_a_golden_score, "differs from its golden scores"),
        (change_the_model, "SHA-256"),
        (break_the_model, "cannot be loaded"),
        (lose_the_model, "cannot be read"),
        (lose_the_golden_scores, "cannot be read"),
    ],
)
def test_any_other_is_refused_and_what_is_on_sale_stays(
    operator: User,
    own_copy: Path,
    two_versions: ArtifactRef,
    catalog: None,
    spoil: Callable[[Path, ArtifactRef], None],
    problem: str,
) -> None:
    model = ScoringModel.objects.get(slug=SLUG)
    before = artifact_for_sale(model)
    spoil(own_copy, two_versions)
    with pytest.raises(Unusable, match=problem):
        promote(model, "9.0.0", operator=operator, reason="better", seen=1)
    assert artifact_for_sale(ScoringModel.objects.get(slug=SLUG)) == before
    assert model.periods.count() == 1
    assert problem in VersionCheck.objects.get(version="9.0.0").problem


def test_a_version_that_nobody_has_stored_is_refused(operator: User, catalog: None) -> None:
    model = ScoringModel.objects.get(slug=SLUG)
    with pytest.raises(Unusable, match=r"lists no files for logistic-regression 7\.7\.7"):
        promote(model, "7.7.7", operator=operator, reason="better", seen=1)


def test_a_process_that_dies_is_a_version_that_does_not_load(
    operator: User, two_versions: ArtifactRef, catalog: None, settings: Settings, tmp_path: Path
) -> None:
    settings.BASE_DIR = tmp_path  # Where there is nothing that could be run.
    with pytest.raises(Unusable, match="No module named"):
        promote(ScoringModel.objects.get(slug=SLUG), "9.0.0", operator=operator, reason="better", seen=1)


def test_every_version_is_checked_once_and_again_when_it_or_its_engine_has_changed(
    own_copy: Path, two_versions: ArtifactRef, catalog: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    count = sum(len(artifacts.versions(configured.ARTIFACTS_DIR, m.slug)) for m in ScoringModel.objects.all())
    assert [checks.check_next() for _number in range(count + 1)] == [True] * count + [False]
    assert not VersionCheck.objects.exclude(problem="").exists()
    change_a_golden_score(own_copy, two_versions)
    assert [checks.check_next(), checks.check_next()] == [True, False]
    assert VersionCheck.objects.exclude(problem="").get().version == "9.0.0"
    assert checks.broken_on_sale() == 0
    change_a_golden_score(own_copy, artifact_for_sale(ScoringModel.objects.get(slug=SLUG)))
    assert checks.check_next()
    assert checks.broken_on_sale() == 1
    monkeypatch.setattr(checks, "_libraries", lambda: "catboost 0.0.1")
    assert checks.check_next()
