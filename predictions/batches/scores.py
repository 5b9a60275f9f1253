"""The results of a file's rows, kept when the file is deleted, so that their outcomes can be reported.

Loans are repaid or not years later, and files are deleted after weeks. What stays says of each row where it
stood, which probability it was told, and by a digest how the customer calls it.
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from number_input import SPACES
from predictions.models import Batch, RowScores
from predictions.scoring.models.protocol import Floats

LINE, PROBABILITY, DIGEST = np.dtype("<u4"), np.dtype("<f8"), np.dtype("<u8")
_EMPTY = bytes(DIGEST.itemsize)


@dataclass(frozen=True)
class Scores:
    """Rows with a result, in the order of the file: their lines, probabilities and digests, each (n,).

    `references` is all zeros if the file has no column of the customer's own.
    """

    lines: NDArray[np.uint32]
    approval: Floats
    references: NDArray[np.uint64]

    @classmethod
    def of(
        cls, batch: uuid.UUID, approval: Floats, lines: Sequence[int], references: Sequence[str] | None
    ) -> "Scores":
        """`approval` is NaN for rows without a result; `lines` and `references` belong to its rows.

        `references` is None if the customer calls them nothing.
        """
        scored = ~np.isnan(approval)
        found = np.zeros(len(approval), DIGEST) if references is None else digests(batch, references)
        return cls(np.array(lines, LINE)[scored], approval[scored].astype(PROBABILITY), found[scored])

    def kept(self, batch: uuid.UUID, number: int) -> RowScores:
        """Return the row of the database, not saved yet."""
        return RowScores(
            batch_id=batch,
            number=number,
            lines=self.lines.tobytes(),
            probabilities=self.approval.tobytes(),
            references=self.references.tobytes(),
        )


def scores_of(batch: Batch) -> Iterator[Scores]:
    """Yield what is kept of a file, chunk by chunk; parts of a chunk that was split come last."""
    kept = RowScores.objects.filter(batch=batch).order_by("number")
    for row in kept.iterator(chunk_size=4):
        yield Scores(
            np.frombuffer(row.lines, LINE),
            np.frombuffer(row.probabilities, PROBABILITY),
            np.frombuffer(row.references, DIGEST),
        )


def digests(batch: uuid.UUID, references: Iterable[str]) -> NDArray[np.uint64]:
    """Return 64 bits for each reference, which stand for it in this file alone; 0 for empty ones."""
    # A list, and one array at the end: this is done for every row that is scored.
    parts = [
        blake2b(batch.bytes + text.encode(), digest_size=DIGEST.itemsize).digest() if text else _EMPTY
        for text in (reference.strip(SPACES) for reference in references)
    ]
    return np.frombuffer(b"".join(parts), DIGEST)
