from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from predictions.models import Prediction
from tests.support.addresses import MODELS
from tests.support.orders import ResultFor
from tests.support.people import ApiClientFor


@pytest.mark.parametrize("model", MODELS)
def test_it_is_the_same_to_the_last_bit_and_names_the_hash(
    alice: User, api: ApiClientFor, result: ResultFor, model: str
) -> None:
    prediction = result(model)
    assert prediction.approval_probability is not None
    check = api(alice).post(f"/api/v1/predictions/{prediction.pk}/check/").json()
    assert check == {
        "same": True,
        "approval_probability": round(prediction.approval_probability, 6),
        "model_version": prediction.model_version,
        "artifact_sha256": prediction.artifact_sha256,
    }


def test_it_notices_a_number_that_was_tampered_with(
    alice: User, api: ApiClientFor, result: ResultFor
) -> None:
    prediction = result()
    assert prediction.approval_probability is not None
    Prediction.objects.filter(pk=prediction.pk).update(
        approval_probability=prediction.approval_probability - 1e-15
    )
    assert api(alice).post(f"/api/v1/predictions/{prediction.pk}/check/").json()["same"] is False


def test_it_says_when_the_artifact_is_gone(
    alice: User, api: ApiClientFor, result: ResultFor, settings: Settings, tmp_path: Path
) -> None:
    prediction = result()
    settings.ARTIFACTS_DIR = tmp_path
    answer = api(alice).post(f"/api/v1/predictions/{prediction.pk}/check/")
    assert (answer.status_code, answer.json()["code"]) == (503, "model_unavailable")
    assert answer["Retry-After"] == "30"
