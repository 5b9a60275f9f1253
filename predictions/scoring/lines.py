"""The lines of text files as people save them: finds the encoding, and names what cannot be read."""

import io
import re
from collections import deque
from collections.abc import Sequence
from typing import BinaryIO

# Characters of a line. What is longer is not a table.
MAX_LINE = 1_000_000

_UNDECODED = re.compile("[\udc80-\udcff]")
# In other Russian encodings, capitals stand inside the words or symbols between the letters.
_RUSSIAN_WORD = re.compile(r"(?<![^\W\d_])(?:[А-ЯЁ]?[а-яё]+|[А-ЯЁ]{2,})(?![^\W\d_])")


class UnusableFile(ValueError):
    """The file is not a table of applicants. The message explains why."""


class Lines:
    """The lines of `file`, which end with LF, CR or both. `number` is that of the last line read.

    `mark` tells whether the file begins with a byte order mark. Raises `UnusableFile`, also in `read`.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._encoding, self.mark = _encoding(file)
        errors = "surrogateescape" if self._encoding == "utf-8-sig" else "strict"
        self._file = io.TextIOWrapper(file, encoding=self._encoding, errors=errors, newline="")
        self._returned: deque[str] = deque()
        self.number = 0

    def read(self) -> str:
        """Return the next line with its end, or "" at the end of the file."""
        line = self._returned.popleft() if self._returned else self._from_file()
        self.number += bool(line)
        return line

    def put_back(self, lines: Sequence[str]) -> None:
        """Let `read` return these lines again; they must be the last that it returned."""
        self._returned.extendleft(reversed(lines))
        self.number -= len(lines)

    def _from_file(self) -> str:
        number = self.number + 1
        try:
            line = self._file.readline(MAX_LINE + 1)
        except UnicodeDecodeError as error:
            raise UnusableFile(f"line {number} or later is not {self._encoding.upper()}: {error}") from error
        if len(line) > MAX_LINE:
            raise UnusableFile(f"line {number} has more than {MAX_LINE:,} characters")
        if "\0" in line:
            raise UnusableFile(
                f"line {number} contains a zero byte. If the file is UTF-16, it needs a byte order mark; "
                "or save it as UTF-8"
            )
        if not line.isascii() and (wrong := _UNDECODED.search(line)):
            raise UnusableFile(_not_utf8(number, line, wrong[0]))
        return line


def _encoding(file: BinaryIO) -> tuple[str, bool]:
    """Return the encoding, and whether there is a byte order mark."""
    start = file.read(4)
    file.seek(0)
    if start in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        raise UnusableFile("the file is UTF-32. Save it as UTF-8")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", True
    return "utf-8-sig", start.startswith(b"\xef\xbb\xbf")


def _not_utf8(number: int, line: str, wrong: str) -> str:
    """Return the error text; names the encoding of Russian Windows if the line makes sense in it."""
    problem = f"line {number} is not UTF-8 (byte 0x{ord(wrong) - 0xDC00:02X})"
    # In Windows-1251, a few pairs of letters, such as a capital before "ё", are valid UTF-8 too.
    valid, undecoded = _beyond_ascii(_UNDECODED.sub("", line)), len(_UNDECODED.findall(line))
    decoded = line.encode("utf-8", "surrogateescape").decode("cp1251", "replace")
    russian = sum(len(word) for word in _RUSSIAN_WORD.findall(decoded) if len(word) > 1)
    if valid <= undecoded and russian and 2 * russian >= _beyond_ascii(decoded):
        return f"{problem}: the file looks like Windows-1251 (cp1251). Save it as UTF-8"
    return f"{problem}. Save it as UTF-8"


def _beyond_ascii(text: str) -> int:
    return sum(not character.isascii() for character in text)
