"""Golden scores: what a version gave some applicants when it was written, and whether it still does.

``python -m predictions.scoring.golden FOLDER SLUG VERSION`` loads a version in a process of its own and
compares. Exit code 0: it gives its golden scores. 1: it does not, or cannot be used; it says why.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactError, ArtifactRef
from predictions.scoring.models.protocol import Model
from predictions.scoring.parsing import InvalidApplicant, parse_applicant
from predictions.scoring.predict import score
from predictions.scoring.schema import EXAMPLE, FIELDS, Applicant, ChoiceField, NumberField

# Half a unit of the last digit that is sold. Engines may differ by less on another processor.
TOLERANCE = 5e-7


def golden_scores(model: Model, applicants: Sequence[Applicant]) -> dict[str, Any]:
    """Return the content of `golden.json`: these applicants, and the example with each choice and unknown."""
    chosen = [*applicants, *_varied_examples(model)]
    return {"applicants": chosen, "approval_probabilities": model.approval(chosen).tolist()}


def check_golden(folder: Path, ref: ArtifactRef) -> None:
    """Raises `ArtifactError` if `ref` cannot be used, or gives other probabilities than it did."""
    artifacts.usable(folder, ref)
    applicants, expected = artifacts.golden(folder, ref)
    if not applicants or len(applicants) != len(expected):
        raise ArtifactError(f"{ref.slug} {ref.version} has no usable golden scores.")
    try:
        differences = np.abs(score(folder, ref, applicants) - np.array(expected))
    except (InvalidApplicant, KeyError, TypeError, ValueError) as error:
        raise ArtifactError(
            f"{ref.slug} {ref.version} cannot score its golden applicants: {error}"
        ) from error
    # Written so that NaN is a difference, too.
    if wrong := int((~(differences <= TOLERANCE)).sum()):
        raise ArtifactError(
            f"{ref.slug} {ref.version} differs from its golden scores for {wrong} of {len(applicants)} "
            f"applicants, by up to {np.nanmax(differences):.6f}."
        )


def _varied_examples(model: Model) -> list[Applicant]:
    """Return the example with each choice of each field, and with each value that may be unknown."""
    changes: list[Applicant] = [{}]
    for field in FIELDS:
        if isinstance(field, ChoiceField):
            changes += [{field.name: value} for value in field.values]
        elif isinstance(field, NumberField) and field.nullable:
            changes.append({field.name: None})
    examples = [parse_applicant({**EXAMPLE, **change}) for change in changes]
    return [example for example in examples if _is_supported(model, example)]


def _is_supported(model: Model, applicant: Applicant) -> bool:
    try:
        model.columns.check(applicant)
    except InvalidApplicant:
        return False
    return True


def main(arguments: list[str]) -> int:
    folder, slug, version = arguments
    try:
        check_golden(Path(folder), artifacts.version_ref(Path(folder), slug, version))
    except ArtifactError as error:
        print(error)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
