"""Reads a CSV file of loans as people save it: UTF-8 or UTF-16, with commas, semicolons or tabs."""

import codecs
import csv
import re
import warnings
from pathlib import Path

import pandas as pd

from predictions.training.findings import BadData

SEPARATORS = (",", ";", "\t")
# Numbers such as 10,5, which a file with semicolons may have.
DECIMAL_COMMA = re.compile(r"(?:^|[;\t\n])-?\d+,\d+(?=[;\t\r\n]|$)")
LOOKED_AT = 1_000_000
LINE_END = re.compile(r"\r\n|\r|\n")


def read_frame(path: Path) -> pd.DataFrame:
    """Return the table in the file. Raises `BadData`."""
    try:
        with path.open("rb") as file:
            encoding = _encoding(file.read(2))
        with path.open(encoding=encoding, newline="") as file:
            start = file.read(LOOKED_AT)
        header = LINE_END.split(start.lstrip(), maxsplit=1)[0]
        if not header:
            raise BadData("empty_file")
        separator = max(SEPARATORS, key=header.count)
        decimal = "," if separator != "," and DECIMAL_COMMA.search(start) else "."
        _check_header(header, separator)
        # pandas would take another row's cells for names of rows where rows have more cells than the header.
        # It only warns of the cells that it drops then.
        with warnings.catch_warnings():
            warnings.simplefilter("error", pd.errors.ParserWarning)
            return pd.read_csv(path, sep=separator, decimal=decimal, encoding=encoding, index_col=False)
    except BadData:
        raise
    except (OSError, ValueError, csv.Error, pd.errors.ParserWarning) as error:
        raise BadData("unreadable", reason=_reason(error)) from error


def _encoding(start: bytes) -> str:
    return "utf-16" if start in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"


def _check_header(header: str, separator: str) -> None:
    """Raise `BadData` if a column comes twice, which pandas would rename."""
    names = next(csv.reader([header.strip()], delimiter=separator))
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise BadData("repeated_columns", columns=", ".join(twice[:5]))


def _reason(error: Exception) -> str:
    """Return one line, without the path: the file may have a random name."""
    if isinstance(error, UnicodeDecodeError):
        return "it is neither UTF-8 nor UTF-16"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).strip().splitlines()[0][:200] if str(error).strip() else type(error).__name__
