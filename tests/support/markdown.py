"""Reads the tables, headings, code blocks and links of Markdown files."""

import re
from dataclasses import dataclass

CODE = re.compile(r"`([^`]+)`")
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_CELL_BORDER = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True)
class Table:
    """`rows` have as many cells as `header`; the line between them is left out."""

    header: list[str]
    rows: list[list[str]]


def tables(text: str) -> list[Table]:
    """All tables in their order. Raises `ValueError` for a row with another number of cells."""
    found: list[Table] = []
    for block in re.findall(r"(?:^\|.*\n)+", _FENCED.sub("", text), re.MULTILINE):
        header, line, *rows = [_cells(row) for row in block.splitlines()]
        for row in (line, *rows):
            if len(row) != len(header):
                raise ValueError(f"{len(row)} cells under {len(header)} headings: {row}")
        if any(set(cell) - {"-", ":"} for cell in line):
            raise ValueError(f"a table without a line under its headings: {header}")
        found.append(Table(header, rows))
    return found


def headings(text: str) -> list[int]:
    """The levels of all headings in their order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", _FENCED.sub("", text), re.MULTILINE)]


def code_blocks(text: str) -> list[str]:
    """The fenced blocks without comments and trailing blanks."""
    return [re.sub(r"\s+#.*", "", block) for block in _FENCED.findall(text)]


def links(text: str) -> list[str]:
    """The targets of all links and images."""
    return _LINK.findall(_FENCED.sub("", text))


def _cells(row: str) -> list[str]:
    return [cell.strip() for cell in _CELL_BORDER.split(row.strip())[1:-1]]
