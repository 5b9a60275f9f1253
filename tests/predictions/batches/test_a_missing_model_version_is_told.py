"""When the files of the sold model version are away, results are refused clearly, and nothing is lost."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from predictions.batches import scoring
from predictions.models import Batch
from predictions.orders.batches import cancel_batch
from tests.support.batches import UploadFor, now, rows_of, score_all
from tests.support.people import ApiClientFor
from tests.support.scored_files import some_rows

ENGLISH = "The model version behind this result is currently unavailable."
RUSSIAN = "Версия модели, по которой получен этот результат, сейчас недоступна."

pytestmark = pytest.mark.usefixtures("small_chunks")


@pytest.fixture
def scored(alice: User, paid: UploadFor) -> Batch:
    batch = paid(alice, some_rows(6))
    score_all()
    return now(batch)


@pytest.fixture
def canceled(alice: User, paid: UploadFor) -> Batch:
    """One whose last rows were not scored."""
    batch = paid(alice, some_rows(6))
    chunk = scoring.claim_chunk()
    assert chunk
    scoring.score_chunk(chunk)
    return cancel_batch(batch)


def take_away() -> str:
    before = Batch.objects.get().model_version
    Batch.objects.update(model_version="0.0.0")
    return before


@pytest.mark.parametrize(("language", "text"), [("en", ENGLISH), ("ru", RUSSIAN)])
def test_a_row_and_a_search(alices: Client, scored: Batch, language: str, text: str) -> None:
    take_away()
    for address in (
        reverse("predictions:batch-row", args=[scored.pk, 3]),
        reverse("predictions:batch", args=[scored.pk]) + "?q=loan+4",
    ):
        answer = alices.get(address, headers={"Accept-Language": language})
        assert answer.status_code == 503
        assert text in answer.content.decode().replace("\u00a0", " ")
        assert answer["Retry-After"]


def test_what_was_scored_can_be_downloaded_without_it(scored: Batch) -> None:
    take_away()
    assert len(rows_of(scored)) == 6


@pytest.mark.parametrize(("language", "text"), [("en", ENGLISH), ("ru", RUSSIAN)])
def test_the_results_of_a_canceled_file(
    alice: User, alices: Client, api: ApiClientFor, canceled: Batch, language: str, text: str
) -> None:
    before = take_away()
    headers = {"Accept-Language": language}
    answer = api(alice).get(f"/api/v1/batches/{canceled.pk}/results.csv", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (503, "model_unavailable")
    assert answer.json()["detail"].replace("\u00a0", " ") == text
    page = alices.get(reverse("predictions:batch-results", args=[canceled.pk]), headers=headers)
    assert page.status_code == 503
    assert text in page.content.decode().replace("\u00a0", " ")
    Batch.objects.update(model_version=before)
    assert len(rows_of(canceled)) == 6
