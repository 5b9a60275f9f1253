"""Who asks for the price of now gets the model version of now, if it takes the rows that were checked."""

import json
import shutil
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from predictions.models import Batch
from predictions.orders.batches import confirm_batch, requote_batch
from predictions.scoring.artifacts import MANIFEST
from tests.support.batches import UploadFor, now, rows_of, score_all
from tests.support.changed_schema import artifacts_with, named
from tests.support.people import give_money

SLUG = "logistic-regression"


@pytest.fixture
def quoted(alice: User, upload: UploadFor, own_copy: Path, settings: Settings) -> Batch:
    settings.ARTIFACTS_DIR = own_copy
    give_money(alice, 100_00)
    return upload(alice)


def publish(folder: Path, version: str) -> None:
    """Put a copy of the version that is sold on sale as another one."""
    manifest = json.loads((folder / MANIFEST).read_bytes())
    entry = manifest["models"][SLUG]
    shutil.copytree(folder / SLUG / "1.0.0", folder / SLUG / version)
    entry["versions"][version] = entry["versions"]["1.0.0"]
    entry["current"] = version
    (folder / MANIFEST).write_text(json.dumps(manifest))


def test_a_new_version_is_taken(quoted: Batch, own_copy: Path) -> None:
    publish(own_copy, "1.1.0")
    assert now(quoted).model_version == "1.0.0"
    again = requote_batch(quoted)
    assert again.model_version == "1.1.0"
    confirm_batch(again)
    score_all()
    assert (now(quoted).status, len(rows_of(quoted))) == ("completed", 3)


def test_rows_that_a_new_version_may_refuse_stay_with_theirs(quoted: Batch, own_copy: Path) -> None:
    publish(own_copy, "1.1.0")
    # The older one knew a choice that the new one does not.
    artifacts_with(own_copy, SLUG, lambda fields: named(fields, "loan_intent")["choices"].append("BOAT"))
    assert requote_batch(quoted).model_version == "1.0.0"
