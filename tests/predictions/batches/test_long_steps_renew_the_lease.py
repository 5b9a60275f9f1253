"""What takes longer than a lease renews it: a file that is being checked is not taken by a second worker."""

import io
import threading

import pytest

from accounts.models import User
from predictions import priority
from predictions.batches import intake
from tests.support.batches import BAD, UploadFor, now, score_all
from tests.support.scored_files import some_rows


@pytest.fixture
def nice(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the bulk role; looks often."""
    monkeypatch.setattr(priority, "_niceness", 1)
    monkeypatch.setattr(priority, "MEANWHILE_SECONDS", 0.01)


@pytest.mark.usefixtures("nice")
def test_a_computation_does_something_meanwhile() -> None:
    renewed = threading.Event()
    assert priority.computed(lambda: renewed.wait(120), renewed.set)


@pytest.mark.usefixtures("nice")
def test_what_it_raises_ends_the_wait() -> None:
    renewed = threading.Event()

    def lost() -> None:
        renewed.set()
        raise intake.LeaseLost

    with pytest.raises(intake.LeaseLost):
        priority.computed(lambda: renewed.wait(120), lost)


def test_each_piece_of_the_errors_renews(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "ERRORS_PIECE", 10)
    renewals: list[int] = []
    content = b"x" * 25
    file = intake._Renewing(io.BytesIO(content), lambda: renewals.append(1))
    assert b"".join(file.chunks()) == content
    assert len(renewals) == 3


def test_all_errors_are_stored_in_pieces(
    alice: User, upload: UploadFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intake, "ERRORS_PIECE", 10)
    monkeypatch.setattr("predictions.orders.uploads.SMALL_BYTES", 0)
    batch = upload(alice, [*some_rows(2), BAD, BAD])
    score_all()
    lines = {problem.line for problem in intake.problems_of(now(batch))}
    assert (now(batch).status, lines) == ("quoted", {4, 5})
