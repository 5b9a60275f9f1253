"""What a workbook may contain, so that reading it takes little memory.

A workbook is a ZIP archive of XML files, and a small one can unpack into anything. Its sheet is read row by
row, and each row is in memory as a whole.
"""

import re
import struct
import zlib
from typing import BinaryIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from predictions.scoring.lines import UnusableFile
from predictions.scoring.schema import gettext_noop

_ = gettext_noop

# Bytes after unpacking.
MAX_SHEET = 2_000_000_000
MAX_TEXTS = 100_000_000
MAX_PART = 10_000_000
MAX_ROW = 8_000_000
# The different texts of a workbook are in memory all at once: their bytes, and this much for each.
MAX_TEXTS_MEMORY = 300_000_000
TEXT_OVERHEAD = 140
# Of the list of the archive's files.
MAX_DIRECTORY = 1_000_000

_SHEETS = "xl/worksheets/"
_TEXTS = "sharedStrings.xml"
_READ = 1_000_000
_END = struct.Struct("<4s4H2LH")
_LOCATOR_SIZE = 20
_ROW = re.compile(rb"<(/?)(?:\w+:)?row(?=[\s/>])[^>]*?(/?)>")


def check_archive(file: BinaryIO) -> None:
    """Raise `UnusableFile` if the archive is too large, or written as no spreadsheet program does."""
    size = file.seek(0, 2)
    file.seek(max(0, size - _END.size - _LOCATOR_SIZE))
    tail = file.read()
    file.seek(0)
    if len(tail) < _END.size + _LOCATOR_SIZE or tail.startswith(b"PK\6\7"):
        raise damaged()
    signature, *_counts, directory, _start, comment = _END.unpack(tail[-_END.size :])
    if signature != b"PK\5\6" or comment or directory > MAX_DIRECTORY:
        raise damaged()
    try:
        with ZipFile(file) as archive:
            for part in archive.infolist():
                _check_part(archive, part)
    # zipfile raises NotImplementedError for an unknown compression, RuntimeError for a missing password.
    except (BadZipFile, EOFError, NotImplementedError, RuntimeError, zlib.error) as error:
        raise damaged() from error


def _check_part(archive: ZipFile, part: ZipInfo) -> None:
    # The archive does not unpack into more than it declares.
    if part.file_size > _limit(part.filename):
        raise _too_large()
    if part.filename.startswith(_SHEETS) and part.filename.endswith(".xml"):
        _check_sheet(archive, part.filename)
    elif part.filename.endswith(_TEXTS):
        _check_texts(archive, part)


def _check_texts(archive: ZipFile, part: ZipInfo) -> None:
    """Raise `UnusableFile` if the texts would take more memory than `MAX_TEXTS_MEMORY`."""
    number, end = 0, b""
    with archive.open(part) as texts:
        while data := texts.read(_READ):
            # A tag may be cut by the end of a piece.
            number += (end + data).count(b"</")
            end = data[-1:]
    # Each that is not empty ends two elements.
    if part.file_size + TEXT_OVERHEAD * number // 2 > MAX_TEXTS_MEMORY:
        raise _too_large()


def _check_sheet(archive: ZipFile, name: str) -> None:
    """Raise `UnusableFile` unless the sheet is rows that follow each other, each of at most `MAX_ROW`."""
    inside, length, rest = False, 0, b""
    with archive.open(name) as sheet:
        while data := sheet.read(_READ):
            data = rest + data
            cut = data.rfind(b"<")
            data, rest = data[:cut], data[cut:]
            # Without comments, entities and raw text, each tag is where it seems to be.
            if cut < 0 or len(rest) > _READ or b"<!" in data:
                raise damaged()
            last = 0
            for tag in _ROW.finditer(data):
                closing, empty = tag.groups()
                if length + tag.start() - last > MAX_ROW or inside != bool(closing):
                    raise damaged()
                inside = not closing and not empty
                length, last = 0, tag.end()
            length += len(data) - last
            if length > MAX_ROW:
                raise damaged()


def _too_large() -> UnusableFile:
    return UnusableFile("too_large", _("the workbook is too large. Save it as CSV"))


def damaged() -> UnusableFile:
    return UnusableFile("workbook", _("the workbook cannot be read. Save it again, or as CSV"))


def _limit(name: str) -> int:
    if name.startswith(_SHEETS):
        return MAX_SHEET
    return MAX_TEXTS if name.endswith(_TEXTS) else MAX_PART
