"""Single rows of a file."""

from itertools import compress

import numpy as np

from predictions.batches import store
from predictions.models import BatchChunk
from predictions.scoring.blocks import Block
from predictions.scoring.checks import Checked
from predictions.scoring.parsing import InvalidApplicant, parse_cells
from predictions.scoring.schema import FIELD_NAMES, SHARE_FIELD, Applicant


def applicant_of(checked: Checked, row: int, recompute: bool) -> Applicant:
    """Return the applicant in a good row, by its index, as it is scored alone. Raises `InvalidApplicant`."""
    cells = dict(zip(checked.block.shape.names, checked.cells(row), strict=True))
    facts = {name: cells[name] for name in FIELD_NAMES if name in cells}
    try:
        return parse_cells(facts)
    except InvalidApplicant:
        if not recompute:
            raise
        return parse_cells({name: cell for name, cell in facts.items() if name != SHARE_FIELD})


def block_of(chunk: BatchChunk) -> Block:
    """Return the rows of a chunk as they were uploaded. Raises `FilesDeleted`."""
    return Block(chunk.batch.table, chunk.first_line, store.read(chunk.source))


def reference_of(checked: Checked, place: int) -> str:
    """Return what the customer calls a good row, by its place among them: its first cell that is no field."""
    own = next((at for at, name in enumerate(checked.block.shape.names) if name not in FIELD_NAMES), None)
    return "" if own is None else checked.cells(int(np.flatnonzero(checked.good)[place]))[own]


def references_of(checked: Checked) -> list[str] | None:
    """Return what the customer calls each good row; None if the file has no column of the customer's own."""
    own = next((at for at, name in enumerate(checked.block.shape.names) if name not in FIELD_NAMES), None)
    return None if own is None else list(compress(checked.rows.columns[own], checked.good.tolist()))
