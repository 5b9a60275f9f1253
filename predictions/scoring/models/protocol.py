"""The interface of all models, and the columns of the current schema.

Training always uses the columns of the current schema, through the names below. Serving uses the
model's own `columns`.
"""

from collections.abc import Sequence
from typing import Protocol

from predictions.scoring.models.columns import Columns
from predictions.scoring.models.columns import Floats as Floats
from predictions.scoring.models.mixes import Worth
from predictions.scoring.schema import FIELDS, Applicant

LIVE = Columns.of(FIELDS)
COLUMN = LIVE.index
FREE_NAMES = LIVE.free_names
to_raw = LIVE.to_raw
with_share = LIVE.with_share


class Model(Protocol):
    """A loaded model. The result of a row does not depend on the other rows of the batch."""

    columns: Columns

    def approval(self, applicants: Sequence[Applicant]) -> Floats:
        """Return the probability of approval of each applicant, float64 of shape (n,), in [0, 1]."""

    def approval_of_raw(self, raw: Floats) -> Floats:
        """Return the same for a raw matrix with the model's `columns`."""

    def worth(self, content: bytes, background: Floats) -> Worth:
        """Prepare the worth of coalitions against the raw matrix `background`; `content` is the model's file.

        Raises `ValueError` or `KeyError` if the file does not have the expected form.
        """
