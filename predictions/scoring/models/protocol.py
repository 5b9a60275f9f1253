"""What all models share: their interface, and the raw matrix of the schema as it is now.

Training works with the raw matrix of today's schema throughout, through the names below. What serves a
model goes by the model's own `columns`.
"""

from collections.abc import Sequence
from typing import Protocol

from predictions.scoring.models.columns import Columns
from predictions.scoring.models.columns import Floats as Floats
from predictions.scoring.schema import FIELDS, Applicant

LIVE = Columns.of(FIELDS)
COLUMN = LIVE.index
FREE_NAMES = LIVE.free_names
to_raw = LIVE.to_raw
with_share = LIVE.with_share


class Model(Protocol):
    """A loaded model. Its numbers depend on the row alone, never on the batch that the row came in."""

    columns: Columns

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        """Probability of approval of each applicant, shape (n,), float64 in [0, 1]."""

    def approval_of_raw(self, raw: Floats) -> Floats:
        """The same for a raw matrix of the model's `columns`."""
