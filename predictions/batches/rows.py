"""Single rows of a file."""

from itertools import compress

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


def references_of(checked: Checked) -> list[str]:
    """Return what the customer calls each good row: the cell of the first column that is no field."""
    names = checked.block.shape.names
    own = next((at for at, name in enumerate(names) if name not in FIELD_NAMES), None)
    if own is None:
        return [""] * len(checked.raw)
    return list(compress(checked.rows.columns[own], checked.good))
