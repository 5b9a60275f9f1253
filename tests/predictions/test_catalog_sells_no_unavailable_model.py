import shutil
from pathlib import Path

import pytest
from django.conf import settings as configured
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from billing.models import Entry
from predictions.catalog import problem_of
from predictions.models import ScoringModel
from predictions.scoring.schema import Applicant
from tests.support.people import ApiClientFor, give_money


@pytest.fixture
def artifacts(settings: Settings, tmp_path: Path) -> Path:
    """A copy of the artifacts that may be spoiled."""
    shutil.copytree(configured.ARTIFACTS_DIR, tmp_path / "artifacts")
    settings.ARTIFACTS_DIR = tmp_path / "artifacts"
    return tmp_path / "artifacts"


def spoil(artifacts: Path, how: str) -> None:
    file = next((artifacts / "catboost").rglob("model.*"))
    if how == "missing":
        file.unlink()
    else:
        file.write_bytes(file.read_bytes() + b"x")


@pytest.mark.parametrize("how", ["missing", "changed"])
def test_a_spoiled_artifact_is_shown_and_not_sold(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None, artifacts: Path, how: str
) -> None:
    give_money(alice, 1000_00)
    client = api(alice)
    assert client.get("/api/v1/models/catboost/").json()["version"]
    spoil(artifacts, how)
    assert client.get("/api/v1/models/catboost/").json()["version"] is None
    body = {"model": "catboost", "applicant": applicant}
    answer = client.post("/api/v1/predictions/", body, format="json")
    assert (answer.status_code, answer.json()["code"]) == (503, "model_unavailable")
    assert answer["Retry-After"] == "30"
    assert not Entry.objects.filter(kind="charge").exists()
    others = client.post("/api/v1/predictions/", body | {"model": "random-forest"}, format="json")
    assert others.status_code == 202


def test_the_operator_sees_why(operator: User, catalog: None, artifacts: Path, client: Client) -> None:
    client.force_login(operator)
    spoil(artifacts, "changed")
    problem = problem_of(ScoringModel.objects.get(slug="catboost"))
    assert "SHA-256" in problem
    assert problem.split(" has ")[0] in client.get("/admin/predictions/scoringmodel/").content.decode()


def test_a_model_that_is_switched_off_is_neither_shown_nor_sold(
    alice: User, api: ApiClientFor, applicant: Applicant, catalog: None
) -> None:
    give_money(alice, 1000_00)
    ScoringModel.objects.filter(slug="catboost").update(active=False)
    client = api(alice)
    assert client.get("/api/v1/models/catboost/").status_code == 404
    slugs = [model["slug"] for model in client.get("/api/v1/models/").json()["results"]]
    assert slugs == ["logistic-regression", "random-forest"]
    answer = client.post("/api/v1/predictions/", {"model": "catboost", "applicant": applicant}, format="json")
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["model"]
    assert not Entry.objects.filter(kind="charge").exists()
