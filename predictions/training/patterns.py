"""Where an outcome can hide in a field: is it empty, how many decimal places has it, its last digits."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from predictions.scoring.models.protocol import Floats

Codes = NDArray[np.intp]
# The last three digits, and the distance from a multiple of 5,000, are looked at in fields of such values.
LARGE = 1_000
STEP = 5_000
QUANTILES = 20


@dataclass(frozen=True)
class Pattern:
    """`kind` is a key of `data_texts.WHATS`. `codes` (n,) number the `names`, which are shown to people."""

    kind: str
    codes: Codes
    names: list[str]


def plain(value: float) -> str:
    """Return a number as the file has it, "" for none: without an exponent, and without zeros at its end."""
    return "" if np.isnan(value) else np.format_float_positional(value, trim="-")


def patterns(values: Floats) -> Iterator[Pattern]:
    """Yield the patterns of the numbers `values` (n,), nan where one is unknown."""
    distinct, of_row = np.unique(values, return_inverse=True)
    texts = [plain(value) for value in distinct]
    for kind, name in _names(values).items():
        names, of_text = np.unique([name(text) for text in texts], return_inverse=True)
        yield Pattern(kind, of_text[of_row], names.tolist())
    yield Pattern("exact", of_row, texts)


def smooth(values: Floats) -> Codes:
    """Return in which of about 20 equally large parts each value is, and one part of those unknown."""
    known = ~np.isnan(values)
    codes = np.full(len(values), QUANTILES)
    if known.any():
        edges = np.unique(np.quantile(values[known], np.linspace(0, 1, QUANTILES + 1)[1:-1]))
        codes[known] = np.searchsorted(edges, values[known], side="right")
    return codes


def choices(texts: NDArray[np.str_]) -> Pattern:
    """Return the values of a choice as a pattern."""
    names, codes = np.unique(texts, return_inverse=True)
    return Pattern("value", codes, names.tolist())


def _names(values: Floats) -> dict[str, Callable[[str], str]]:
    """Return, for each kind of pattern, what it makes of the text of a number."""
    kinds: dict[str, Callable[[str], str]] = {
        "empty": lambda text: "" if text else "empty",
        "decimals": lambda text: str(len(text.partition(".")[2])) if text else "",
        "last_digit": lambda text: text[-1:],
        "fraction": lambda text: text.partition(".")[2],
    }
    known = values[~np.isnan(values)]
    if len(known) and np.median(known) >= LARGE:
        kinds |= {
            "ending": lambda text: text.partition(".")[0][-3:],
            "steps": lambda text: f"{int(float(text)) % STEP:,}" if text else "",
        }
    return kinds
