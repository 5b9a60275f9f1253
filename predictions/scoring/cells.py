"""What goes into the cells of CSV files: text that no spreadsheet runs, and rounded probabilities."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from predictions.scoring.rounding import PROBABILITY_DECIMALS

# Spreadsheets run a cell that begins with one of these; some turn the other forms into the plain ones: wide,
# small, raised and lowered ones, double ones, and the Hebrew plus.
_FORMULA = (
    "=+\\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u207a-\u207c\u208a-\u208c\u2a75\u2a76\ufb29"
)
# What they ignore before it (spaces and invisible characters), and where a spreadsheet of another language
# begins a new cell.
_IGNORED = (
    '\\x00-\\x20"\\x7f-\u00a0\u00ad\u061c\u115f\u1160\u1680\u180b-\u180f\u2000-\u200f\u2028-\u202f'
    "\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
_ENDS = ",;|\t\r\n"

_NUMBER = re.compile(
    r"[+-]?[0-9]+([.,][0-9]+)?([eE][+-]?[0-9]+)?"
    "|-[1-9][0-9]{0,2}([ ,.'\u00a0\u202f][0-9]{3})+([.,][0-9]+)?"
)
# Cells without any of these stay as they are.
_RISKY = re.compile(f"[\t\r\n{_FORMULA}]")
_AT_START = re.compile(f"[\t\r\n]|[{_IGNORED}]*[{_FORMULA}]")
# The look-behind and the possessive quantifier keep long runs of spaces linear.
_INSIDE = re.compile(f"(?<![{_IGNORED}{_ENDS}])([{_IGNORED}{_ENDS}]++)(?=[{_FORMULA}])")
# Where a row without quotes may have a cell that changes. Elsewhere, the text before the character belongs to
# its cell.
_MAYBE = re.compile(f"[{_FORMULA}](?<![^{_IGNORED}{_ENDS}].)", re.DOTALL)
_MAYBE_TAB = re.compile(f"\t|{_MAYBE.pattern}", re.DOTALL)


def quoted_as_text(cell: str) -> str:
    """Return the cell, with an apostrophe wherever a spreadsheet would begin a formula.

    That is at the start, and after characters that separate cells in some language: `a;=1` is two cells in
    Russian. Numbers stay unchanged, and so does a lone minus, which stands for an unknown value. Source:
    OWASP, "CSV Injection".
    """
    if not _RISKY.search(cell) or cell == "-" or _NUMBER.fullmatch(cell):
        return cell
    quoted = _INSIDE.sub(_with_apostrophe, cell)
    return "'" + quoted if _AT_START.match(cell) else quoted


def quoted_rows(rows: Sequence[str], delimiter: str) -> list[str]:
    """Return rows of cells without quotes, with each cell as `quoted_as_text` gives it."""
    quoted, text = list(rows), "\n".join(rows)
    starts = list(accumulate((len(row) + 1 for row in rows), initial=0))
    for found in (_MAYBE if delimiter == "\t" else _MAYBE_TAB).finditer(text):
        index = bisect_right(starts, found.start()) - 1
        quoted[index] = delimiter.join(map(quoted_as_text, rows[index].split(delimiter)))
    return quoted


def probability_texts(approval: float) -> tuple[str, str]:
    """Return approval and default with six decimals; they add up to exactly 1. See `rounding.rounded`."""
    share = f"{approval:.{PROBABILITY_DECIMALS}f}"
    # The difference of floats is off by less than a trillionth.
    return share, f"{1 - float(share):.{PROBABILITY_DECIMALS}f}"


def _with_apostrophe(run: re.Match[str]) -> str:
    return run[0] + "'" if any(end in run[0] for end in _ENDS) else run[0]
