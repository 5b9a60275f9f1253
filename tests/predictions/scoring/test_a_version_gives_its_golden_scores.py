"""What a version gave some applicants when it was written, it gives them for ever, or it is not used."""

import hashlib
import json
import math
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from predictions.scoring import artifacts
from predictions.scoring.artifacts import GOLDEN, ArtifactError, ArtifactRef, current
from predictions.scoring.golden import TOLERANCE, check_golden
from predictions.scoring.schema import FIELDS, ChoiceField
from predictions.training import golden as training_golden
from predictions.training.artifacts import add_file

SLUGS = ["logistic-regression", "random-forest", "catboost"]


def edit_golden(folder: Path, ref: ArtifactRef, edit: Callable[[dict[str, Any]], object]) -> None:
    """Change the golden scores as somebody would who also lists their new hash."""
    content = json.loads((folder / ref.slug / ref.version / GOLDEN).read_text())
    edit(content)
    add_file(folder, ref, GOLDEN, content)


@pytest.mark.parametrize("slug", SLUGS)
def test_every_version_that_is_published_does(sold: Path, slug: str) -> None:
    for ref in artifacts.versions(sold, slug):
        check_golden(sold, ref)


@pytest.mark.parametrize("slug", SLUGS)
def test_the_applicants_have_every_choice_and_unknown_values(sold: Path, slug: str) -> None:
    applicants, _scores = artifacts.golden(sold, current(sold, slug))
    for field in FIELDS:
        values = {applicant[field.name] for applicant in applicants}
        if isinstance(field, ChoiceField):
            assert values == set(field.values)
        elif field.nullable:
            assert None in values


@pytest.mark.parametrize("slug", SLUGS)
def test_a_new_version_has_them(trained: Path, slug: str) -> None:
    check_golden(trained, current(trained, slug))


@pytest.mark.parametrize("factor", [2, -2])
def test_another_probability_is_refused(own_copy: Path, factor: float) -> None:
    ref = current(own_copy, "catboost")

    def move_one(content: dict[str, Any]) -> None:
        content["approval_probabilities"][7] += factor * TOLERANCE

    edit_golden(own_copy, ref, move_one)
    with pytest.raises(ArtifactError, match=r"for 1 of \d+ applicants, by up to 0\.000001"):
        check_golden(own_copy, ref)


def test_what_another_processor_may_round_otherwise_is_not(own_copy: Path) -> None:
    ref = current(own_copy, "catboost")

    def move_all(content: dict[str, Any]) -> None:
        content["approval_probabilities"] = [p + TOLERANCE / 2 for p in content["approval_probabilities"]]

    edit_golden(own_copy, ref, move_all)
    check_golden(own_copy, ref)


@pytest.mark.parametrize(
    "edit",
    [
        lambda content: content.update(applicants=[], approval_probabilities=[]),
        lambda content: content["approval_probabilities"].pop(),
        lambda content: content["applicants"][0].pop("loan_amnt"),
        lambda content: content["applicants"][0].update(loan_grade="Z"),
        lambda content: content["approval_probabilities"].__setitem__(0, "high"),
    ],
)
def test_scores_that_prove_nothing_are_refused(
    own_copy: Path, edit: Callable[[dict[str, Any]], object]
) -> None:
    ref = current(own_copy, "logistic-regression")
    edit_golden(own_copy, ref, edit)
    with pytest.raises(ArtifactError):
        check_golden(own_copy, ref)


def test_a_version_without_them_is_refused_until_they_are_added(own_copy: Path) -> None:
    ref = current(own_copy, "random-forest")
    path = own_copy / artifacts.MANIFEST
    content = json.loads(path.read_text())
    del content["models"][ref.slug]["versions"][ref.version]["files"][GOLDEN]
    path.write_text(json.dumps(content))
    with pytest.raises(ArtifactError, match=r"lists no golden\.json"):
        check_golden(own_copy, ref)
    training_golden.main(own_copy)
    check_golden(own_copy, ref)


def test_a_process_of_its_own_says_why(own_copy: Path) -> None:
    """The web role asks it, because the engines are not for its memory."""
    ref = current(own_copy, "catboost")
    command = [sys.executable, "-m", "predictions.scoring.golden", str(own_copy), ref.slug, ref.version]
    assert subprocess.run(command, capture_output=True, text=True, check=False).returncode == 0
    file = own_copy / ref.slug / ref.version / "model.cbm"
    file.write_bytes(file.read_bytes() + b"x")
    refused = subprocess.run(command, capture_output=True, text=True, check=False)
    assert refused.returncode == 1
    assert refused.stdout.startswith(
        f"{file} has the SHA-256 {hashlib.sha256(file.read_bytes()).hexdigest()}"
    )
    assert "Traceback" not in refused.stderr


def test_no_number_is_a_difference(own_copy: Path) -> None:
    ref = current(own_copy, "logistic-regression")
    path = own_copy / ref.slug / ref.version / GOLDEN
    text = path.read_text().replace(str(json.loads(path.read_text())["approval_probabilities"][0]), "NaN", 1)
    path.write_text(text)
    assert math.isnan(json.loads(text)["approval_probabilities"][0])
    manifest = json.loads((own_copy / artifacts.MANIFEST).read_text())
    files = manifest["models"][ref.slug]["versions"][ref.version]["files"]
    files[GOLDEN] = hashlib.sha256(path.read_bytes()).hexdigest()
    (own_copy / artifacts.MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match="for 1 of"):
        check_golden(own_copy, ref)
