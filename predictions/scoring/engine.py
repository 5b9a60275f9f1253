"""What the three kinds of models have in common."""

from collections.abc import Sequence
from typing import Protocol

from predictions.scoring.raw import Floats
from predictions.scoring.schema import Applicant


class Model(Protocol):
    """A loaded model. Its numbers depend on the row alone, never on the batch that the row came in."""

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        """Probability of approval of each applicant, shape (n,), float64 in [0, 1]."""

    def approval_of_raw(self, raw: Floats) -> Floats:
        """The same for a raw matrix of shape (n, 11), see `predictions.scoring.raw`."""
