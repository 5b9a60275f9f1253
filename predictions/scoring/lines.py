"""The lines of text files as people save them: finds the encoding, and names what cannot be read."""

import io
import re
from collections import deque
from collections.abc import Callable, Sequence
from typing import BinaryIO, TextIO

from predictions.scoring.schema import gettext_noop

_ = gettext_noop

# Characters of a line. What is longer is not a table.
MAX_LINE = 1_000_000

_UNDECODED = re.compile("[\udc80-\udcff]")
# In other Russian encodings, capitals stand inside the words or symbols between the letters.
_RUSSIAN_WORD = re.compile(r"(?<![^\W\d_])(?:[А-ЯЁ]?[а-яё]+|[А-ЯЁ]{2,})(?![^\W\d_])")


class UnusableFile(ValueError):
    """The file is not a table of applicants.

    `message` % `params` explains why; it is an English message id, like those of `parsing.FieldProblem`.
    `code` is stable.
    """

    def __init__(self, code: str, message: str, **params: int | str) -> None:
        super().__init__(message % params)
        self.code, self.message, self.params = code, message, params


class Lines:
    """The lines of `text`, which end with LF, CR or both. `number` is that of the last line read.

    `text` is opened with ``newline=""``. Raises `UnusableFile` in `read` and `read_many`.
    """

    def __init__(self, text: TextIO, number: int = 0) -> None:
        self._text, self.number = text, number
        self._returned: deque[str] = deque()

    @classmethod
    def of_file(cls, file: BinaryIO) -> tuple["Lines", bool]:
        """Return the lines of a file, and whether it begins with a byte order mark. Raises `UnusableFile`."""
        encoding, mark = _encoding(file)
        errors = "surrogateescape" if encoding == "utf-8-sig" else "strict"
        return cls(io.TextIOWrapper(file, encoding=encoding, errors=errors, newline="")), mark

    def read(self) -> str:
        """Return the next line with its end, or "" at the end of the file."""
        if self._returned:
            self.number += 1
            return self._returned.popleft()
        line = self._checked(lambda: self._text.readline(MAX_LINE + 1))
        self.number += bool(line)
        return line

    def read_many(self, characters: int) -> str:
        """Return the next lines with their ends, about as many `characters`; "" at the end of the file."""
        returned = "".join(self._returned)
        text = returned + self._checked(lambda: self._following(characters - len(returned)))
        self._returned.clear()
        self.number += count_lines(text)
        return text

    def put_back(self, lines: Sequence[str]) -> None:
        """Let `read` return these lines again; they must be the last that it returned."""
        self._returned.extendleft(reversed(lines))
        self.number -= len(lines)

    def _following(self, characters: int) -> str:
        text = self._text.read(characters) if characters > 0 else ""
        # After a CR, this may be the LF that belongs to it.
        return text + self._text.readline(MAX_LINE + 1) if text else ""

    def _checked(self, read: Callable[[], str]) -> str:
        number = self.number + len(self._returned) + 1
        try:
            text = read()
        except UnicodeDecodeError as error:
            raise UnusableFile(
                "encoding",
                _("line %(line)s or later is not %(encoding)s: %(reason)s"),
                line=number,
                encoding=error.encoding.upper(),
                reason=str(error),
            ) from error
        if "\0" in text or _has_long_line(text) or (not text.isascii() and _UNDECODED.search(text)):
            for line in split_lines(text):
                _check(line, number)
                number += 1
        return text


def split_lines(text: str) -> list[str]:
    """Return the lines with their ends: LF, CR or both, and no others that `str.splitlines` knows."""
    return io.StringIO(text, newline="").readlines()


def count_lines(text: str) -> int:
    """Return the number of lines in the sense of `split_lines`."""
    ends = text.count("\n")
    if "\r" in text:
        ends += text.count("\r") - text.count("\r\n")
    return ends + (text != "" and text[-1] not in "\r\n")


def _has_long_line(text: str) -> bool:
    start = 0
    while len(text) - start > MAX_LINE:
        limit = start + MAX_LINE
        start = max(text.rfind("\n", start, limit), text.rfind("\r", start, limit)) + 1
        if not start:
            return True
    return False


def _check(line: str, number: int) -> None:
    if len(line) > MAX_LINE:
        message = _("line %(line)s has more than %(maximum)s characters")
        raise UnusableFile("long_line", message, line=number, maximum=f"{MAX_LINE:,}")
    if "\0" in line:
        message = _(
            "line %(line)s contains a zero byte. If the file is UTF-16, it needs a byte order mark; "
            "or save it as UTF-8"
        )
        raise UnusableFile("zero_byte", message, line=number)
    if wrong := _UNDECODED.search(line):
        raise _not_utf8(number, line, f"0x{ord(wrong[0]) - 0xDC00:02X}")


def _encoding(file: BinaryIO) -> tuple[str, bool]:
    """Return the encoding, and whether there is a byte order mark."""
    start = file.read(4)
    file.seek(0)
    if start in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        raise UnusableFile("encoding", _("the file is UTF-32. Save it as UTF-8"))
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", True
    return "utf-8-sig", start.startswith(b"\xef\xbb\xbf")


def _not_utf8(number: int, line: str, byte: str) -> UnusableFile:
    """Return the error; it names the encoding of Russian Windows if the line makes sense in it."""
    # In Windows-1251, a few pairs of letters, such as a capital before "ё", are valid UTF-8 too.
    valid, undecoded = _beyond_ascii(_UNDECODED.sub("", line)), len(_UNDECODED.findall(line))
    decoded = line.encode("utf-8", "surrogateescape").decode("cp1251", "replace")
    russian = sum(len(word) for word in _RUSSIAN_WORD.findall(decoded) if len(word) > 1)
    message = _("line %(line)s is not UTF-8 (byte %(byte)s). Save it as UTF-8")
    if valid <= undecoded and russian and 2 * russian >= _beyond_ascii(decoded):
        message = _(
            "line %(line)s is not UTF-8 (byte %(byte)s): the file looks like Windows-1251 (cp1251). "
            "Save it as UTF-8"
        )
    return UnusableFile("encoding", message, line=number, byte=byte)


def _beyond_ascii(text: str) -> int:
    return sum(not character.isascii() for character in text)
