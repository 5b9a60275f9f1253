"""Two sets of artifacts: the committed ones, which are sold, and small ones trained for these tests."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from predictions.scoring import artifacts
from predictions.scoring.artifacts import ArtifactRef
from predictions.scoring.parsing import parse_applicant
from predictions.scoring.schema import Applicant

SOLD = Path(__file__).resolve().parents[2] / "ml_artifacts"
# The version of each model that a new installation sells.
SOLD_VERSION = "2.0.0"

STRONG: dict[str, object] = {
    "person_age": 38,
    "person_income": 120_000,
    "person_home_ownership": "MORTGAGE",
    "person_emp_length": 12,
    "loan_intent": "EDUCATION",
    "loan_grade": "A",
    "loan_amnt": 6_000,
    "loan_int_rate": 6.5,
    "cb_person_default_on_file": "N",
    "cb_person_cred_hist_length": 12,
}
WEAK: dict[str, object] = {
    "person_age": 22,
    "person_income": 18_000,
    "person_home_ownership": "RENT",
    "person_emp_length": 0,
    "loan_intent": "DEBTCONSOLIDATION",
    "loan_grade": "E",
    "loan_amnt": 10_600,
    "loan_int_rate": 17.5,
    "cb_person_default_on_file": "Y",
    "cb_person_cred_hist_length": 2,
}


@pytest.fixture(scope="session")
def sold() -> Path:
    """The artifact folder of the repository."""
    return SOLD


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Small models of made-up loans, trained once a session; do not change the folder."""
    # Imported here: it loads what most tests do not need, and that takes seconds.
    from predictions.training.__main__ import main

    folder = tmp_path_factory.mktemp("trained")
    assert main(["--quick", "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def own_copy(sold: Path, tmp_path: Path) -> Path:
    """A copy of the sold artifacts that a test may spoil."""
    return Path(shutil.copytree(sold, tmp_path / "artifacts"))


@pytest.fixture
def two_versions(own_copy: Path, settings: Settings) -> ArtifactRef:
    """A second version of the scorecard, 9.0.0, not on sale, in artifacts of the test's own."""
    settings.ARTIFACTS_DIR = own_copy
    return add_version(own_copy, "9.0.0")


@pytest.fixture
def strong() -> Applicant:
    return parse_applicant(STRONG)


@pytest.fixture
def weak() -> Applicant:
    return parse_applicant(WEAK)


def add_version(
    folder: Path, version: str, slug: str = "logistic-regression", *, times: float = 0.9
) -> ArtifactRef:
    """Add a version of the scorecard that gives everybody this many times the probability.

    The folder still names the old one as current.
    """
    # Imported here, because most tests do not need it.
    from predictions.training.golden import main as add_golden

    old = artifacts.current(folder, slug)
    manifest = json.loads((folder / artifacts.MANIFEST).read_text())
    versions = manifest["models"][slug]["versions"]
    versions[version] = json.loads(json.dumps(versions[old.version]))
    del versions[version]["files"][artifacts.GOLDEN]
    model = json.loads((folder / slug / old.version / "model.json").read_text())
    model["probabilities"] = [probability * times for probability in model["probabilities"]]
    shutil.copytree(folder / slug / old.version, folder / slug / version)
    content = json.dumps(model).encode()
    (folder / slug / version / "model.json").write_bytes(content)
    versions[version]["files"]["model.json"] = hashlib.sha256(content).hexdigest()
    (folder / artifacts.MANIFEST).write_text(json.dumps(manifest))
    add_golden(folder)
    return artifacts.version_ref(folder, slug, version)
