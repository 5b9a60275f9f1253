"""Log lines that text from a request cannot forge."""

import logging
from http import HTTPStatus
from typing import Any


class OneLineFormatter(logging.Formatter):
    """Writes a message as one line, and indents the lines of its traceback."""

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the line; control characters and line separators are escaped."""
        line = super().formatMessage(record)
        return "".join(
            character if character.isprintable() else character.encode("unicode_escape").decode()
            for character in line
        )

    def formatException(self, ei: Any) -> str:
        """Return the traceback; a line that it quotes cannot look like the beginning of another message."""
        return "\n".join(f"  {line}" for line in super().formatException(ei).splitlines())


class RefusalFilter(logging.Filter):
    """Drops the lines of answers that ask a client to come back later."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return False for a 503; unexpected errors are 500."""
        return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE


class BriefFormatter(OneLineFormatter):
    """Leaves tracebacks out."""

    def formatException(self, ei: Any) -> str:
        return ""
