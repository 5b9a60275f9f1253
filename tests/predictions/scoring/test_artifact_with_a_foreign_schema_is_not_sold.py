"""An artifact whose columns are not those of today's applicants is refused, and says which field it is."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from predictions.scoring.artifacts import MANIFEST, SCHEMA, ArtifactError, columns, current, find, load
from predictions.scoring.models.protocol import LIVE
from predictions.scoring.parsing import InvalidApplicant, parse_applicant
from predictions.scoring.schema import EXAMPLE, FIELDS, ChoiceField
from predictions.scoring.what_if import what_if
from tests.support.changed_schema import ROOT, artifacts_with, named

SLUG = "random-forest"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ROOT / "ml_artifacts", tmp_path / "artifacts"))


def test_the_sold_artifacts_know_nothing_that_the_schema_has_not() -> None:
    """A field or a choice may have been added since, but none taken away."""
    for slug in ("logistic-regression", "random-forest", "catboost"):
        for column in columns(ROOT / "ml_artifacts", current(ROOT / "ml_artifacts", slug)).all:
            assert set(column.choices) <= set(LIVE[column.name].choices)


def test_every_model_on_sale_takes_the_example_and_every_choice_has_a_reason() -> None:
    """The front page and the page of the scorecard score the example."""
    for slug in ("logistic-regression", "random-forest", "catboost"):
        columns(ROOT / "ml_artifacts", current(ROOT / "ml_artifacts", slug)).check(parse_applicant(EXAMPLE))
    for field in FIELDS:
        if isinstance(field, ChoiceField):
            assert all(field.reason_of(value) for value in field.values)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda fields: fields.append(
                {"name": "shoe_size", "kind": "number", "nullable": False, "integer": True}
            ),
            "fields that applicants do not have: shoe_size",
        ),
        (
            lambda fields: named(fields, "person_age").update(kind="choice", choices=["young", "old"]),
            "fields that applicants do not have: person_age",
        ),
        (
            lambda fields: named(fields, "loan_grade").update(kind="number", choices=[]),
            "fields that applicants do not have: loan_grade",
        ),
        (lambda fields: fields.remove(named(fields, "person_income")), "not a valid schema"),
        (lambda fields: fields.append(dict(fields[0])), "not a valid schema"),
        (lambda fields: named(fields, "loan_grade")["choices"].append("A"), "not a valid schema"),
        (lambda fields: named(fields, "loan_grade").update(kind="colour"), "not a valid schema"),
        (lambda fields: fields[0].update(color="red"), "not a valid schema"),
        (lambda fields: fields[0].pop("name"), "not a valid schema"),
    ],
)
def test_what_cannot_be_mapped_is_not_current(folder: Path, change: Any, reason: str) -> None:
    ref = current(folder, SLUG)
    artifacts_with(folder, SLUG, change)
    with pytest.raises(ArtifactError, match=rf"schema\.json .*{reason}"):
        current(folder, SLUG)
    assert find(folder, SLUG, ref.sha256) == ref
    with pytest.raises(ArtifactError, match=reason):
        load(folder, ref)


def test_a_schema_that_is_not_the_listed_one_is_refused(folder: Path) -> None:
    (folder / SLUG / "2.0.0" / SCHEMA).write_text("{}")
    with pytest.raises(ArtifactError, match=r"schema\.json has the SHA-256"):
        current(folder, SLUG)


def test_an_artifact_without_a_schema_is_refused(folder: Path) -> None:
    manifest = json.loads((folder / MANIFEST).read_bytes())
    del manifest["models"][SLUG]["versions"]["2.0.0"]["files"][SCHEMA]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ArtifactError, match=r"lists no schema\.json for random-forest 2\.0\.0"):
        current(folder, SLUG)


def test_features_that_the_columns_do_not_give_are_refused_when_the_model_is_loaded(folder: Path) -> None:
    artifacts_with(folder, SLUG, lambda fields: named(fields, "loan_intent")["choices"].remove("MEDICAL"))
    with pytest.raises(ArtifactError, match=r"model\.onnx cannot be loaded: .*other features"):
        load(folder, current(folder, SLUG))


def test_an_unknown_number_that_the_model_must_know_is_refused(folder: Path) -> None:
    artifacts_with(folder, SLUG, lambda fields: named(fields, "loan_int_rate").update(nullable=False))
    ref, applicant = current(folder, SLUG), parse_applicant(EXAMPLE)
    columns(folder, ref).check(applicant)
    with pytest.raises(InvalidApplicant) as refused:
        what_if(folder, ref, applicant, {"loan_int_rate": None})
    (problem,) = refused.value.problems
    assert (problem.field, problem.code) == ("loan_int_rate", "not_supported_by_model")
    with pytest.raises(ValueError, match="applicant 0: no usable value"):
        load(folder, ref).approval([applicant | {"loan_int_rate": None}])
