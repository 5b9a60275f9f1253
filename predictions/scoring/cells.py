"""What goes into the cells of CSV files: text that no spreadsheet runs, and rounded probabilities."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.columns import Floats
from predictions.scoring.rounding import PROBABILITY_DECIMALS

_UNIT = 10**PROBABILITY_DECIMALS
_NEAR = 1e-6

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


def _ascii(characters: str) -> NDArray[np.bool_]:
    """Return which bytes stand for one of the characters, which are those of a class of `re`."""
    return np.array([code < 128 and bool(re.match(f"[{characters}]", chr(code))) for code in range(256)])


_FORMULA_BYTES, _BEFORE_BYTES = _ascii(_FORMULA), _ascii(_IGNORED + _ENDS)


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
    starts = np.cumsum([0, *(len(row) + 1 for row in rows)])
    for index in np.unique(np.searchsorted(starts, _maybe(text, delimiter), side="right") - 1).tolist():
        quoted[index] = delimiter.join(map(quoted_as_text, rows[index].split(delimiter)))
    return quoted


def _maybe(text: str, delimiter: str) -> NDArray[np.intp]:
    """Return where the text may have a cell that changes."""
    if not text.isascii():
        found = (_MAYBE if delimiter == "\t" else _MAYBE_TAB).finditer(text)
        return np.fromiter((one.start() for one in found), np.intp)
    # The same patterns as tables of bytes, which takes a tenth of the time.
    data = np.frombuffer(text.encode(), np.uint8)
    risky = _FORMULA_BYTES[data]
    risky[1:] &= _BEFORE_BYTES[data[:-1]]
    if delimiter != "\t":
        risky |= data == ord("\t")
    return np.flatnonzero(risky)


def probability_cells(approval: Floats, delimiter: str) -> list[str]:
    """Return the `probability_texts` of each row, each followed and the first preceded by the delimiter.

    What is returned for NaN means nothing.
    """
    scaled = np.nan_to_num(approval) * _UNIT
    millionths = np.rint(scaled)
    # Where the product is so close to the middle of two numbers that its own rounding might decide.
    for index in np.flatnonzero(np.abs(np.abs(scaled - millionths) - 0.5) < _NEAR).tolist():
        millionths[index] = int(probability_texts(approval[index])[0].replace(".", ""))
    width = 2 * (PROBABILITY_DECIMALS + 3) + 1
    texts = np.full((len(approval), width), ord("."), np.uint8)
    texts[:, :: PROBABILITY_DECIMALS + 3] = ord(delimiter)
    for first, numbers in ((1, millionths), (PROBABILITY_DECIMALS + 4, _UNIT - millionths)):
        rest = numbers.astype(np.uint32)
        for place in range(first + PROBABILITY_DECIMALS + 1, first + 1, -1):
            texts[:, place] = ord("0") + rest % 10
            rest //= 10
        texts[:, first] = ord("0") + rest
    joined = texts.tobytes().decode()
    return [joined[start : start + width] for start in range(0, len(joined), width)]


def probability_texts(approval: float) -> tuple[str, str]:
    """Return approval and default with six decimals; they add up to exactly 1. See `rounding.rounded`."""
    share = f"{approval:.{PROBABILITY_DECIMALS}f}"
    # The difference of floats is off by less than a trillionth.
    return share, f"{1 - float(share):.{PROBABILITY_DECIMALS}f}"


def _with_apostrophe(run: re.Match[str]) -> str:
    return run[0] + "'" if any(end in run[0] for end in _ENDS) else run[0]
