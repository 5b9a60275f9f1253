"""A process loads each version when it is put on sale, and a broken one costs it nothing more."""

import logging
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from predictions.lifecycle.loading import Loader
from predictions.lifecycle.sales import promote
from predictions.models import ScoringModel
from predictions.scoring.artifacts import ArtifactRef

SLUG = "logistic-regression"


@pytest.fixture(autouse=True)
def _told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "predictions.lifecycle.loading")


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [row.getMessage() for row in caplog.records if row.name == "predictions.lifecycle.loading"]


def test_a_look_that_finds_nothing_new_is_one_statement(
    two_versions: ArtifactRef, catalog: None, operator: User, caplog: pytest.LogCaptureFixture
) -> None:
    load = Loader(to_explain=False)
    load()
    assert len(told(caplog)) == 3
    with CaptureQueriesContext(
        connection,
    ) as captured:
        load()
    assert len(captured) == 1
    model = ScoringModel.objects.get(slug=SLUG)
    promote(model, "9.0.0", operator=operator, reason="better", seen=1)
    load()
    load()
    assert told(caplog)[3:] == [f"{SLUG} 9.0.0 is loaded"]


def test_what_is_not_sold_is_not_loaded(catalog: None, caplog: pytest.LogCaptureFixture) -> None:
    ScoringModel.objects.exclude(slug=SLUG).update(active=False)
    load = Loader(to_explain=False)
    load()
    assert len(told(caplog)) == 1
    ScoringModel.objects.update(active=True)
    load()
    assert len(told(caplog)) == 3


def test_a_broken_version_is_told_once(
    own_copy: Path, two_versions: ArtifactRef, catalog: None, caplog: pytest.LogCaptureFixture
) -> None:
    version = ScoringModel.objects.get(slug="catboost").on_sale.version
    (own_copy / "catboost" / version / "model.cbm").write_bytes(b"broken")
    load = Loader(to_explain=False)
    load()
    load()
    assert [line.split()[0] for line in told(caplog) if "unavailable" in line] == ["catboost"]
    assert len(told(caplog)) == 3
