"""Log lines that text from a request cannot forge, and that tell nothing of what people have typed.

Messages of our own name ids. What an exception says may be a value of an application, an address or a key,
so only those that cannot be are quoted; of others the type and the place are told.
"""

import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from types import TracebackType
from typing import Any

from telemetry import context

# Classes whose texts are about connections, code or files of the service. Named, because whoever configures
# logs need not import them.
TELLING = {
    "builtins.AttributeError",
    "builtins.ConnectionError",
    "builtins.ImportError",
    "builtins.NameError",
    "builtins.TimeoutError",
    "django.db.utils.InterfaceError",
    "django.db.utils.OperationalError",
    "kombu.exceptions.OperationalError",
    "predictions.scoring.readers.ArtifactError",
    "psycopg2.OperationalError",
    "redis.exceptions.RedisError",
    "sqlite3.OperationalError",
}


# Errors of a broker that does not answer.
BROKER_AWAY = {
    "kombu.exceptions.OperationalError",
    "redis.exceptions.ConnectionError",
    "redis.exceptions.TimeoutError",
}


class OneLineFormatter(logging.Formatter):
    """Writes a message as one line, and below it the places of an exception, indented."""

    def __init__(self, places: bool = True) -> None:
        super().__init__("{asctime} {levelname} {name}: {message}", style="{")
        self.places = places

    def format(self, record: logging.LogRecord) -> str:
        line = self.formatMessage(_with_safe_message(record, self))
        lines = _places(record.exc_info) if self.places else ()
        return "\n".join([_printable(line), *(f"  {_printable(place)}" for place in lines)])


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON, with everything that the work of the moment is about."""

    def __init__(self, places: bool = True) -> None:
        super().__init__()
        self.places = places

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        fields: dict[str, object] = {
            "time": time.replace("+00:00", "Z"),
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
            "role": context.role(),
            **context.fields(),
            **getattr(record, "fields", {}),
        }
        if self.places and (lines := list(_places(record.exc_info))):
            fields["exception"] = "\n".join(lines)
        # Everything but printable ASCII is escaped.
        return json.dumps(fields)


class RefusalFilter(logging.Filter):
    """Drops the lines of answers that ask a client to come back later."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return False for a 503; unexpected errors are 500."""
        return getattr(record, "status_code", None) != HTTPStatus.SERVICE_UNAVAILABLE


def message_of(record: logging.LogRecord) -> str:
    """Return the message without texts of exceptions, and with routes instead of addresses.

    If the database or the broker does not answer, one line says all.
    """
    error = record.exc_info[1] if record.exc_info else None
    message = _message(record)
    if not _is_away(error):
        return message
    # Celery writes the places of its own call below.
    first, reason = message.partition("\n")[0], text_of(error)
    return first if reason in first else f"{first}: {reason}"


def _message(record: logging.LogRecord) -> str:
    message, arguments = record.msg, record.args
    if isinstance(message, BaseException):
        return text_of(message)
    if isinstance(arguments, Mapping):
        arguments = {name: _safe(value, record) for name, value in arguments.items()}
        if "exc" in arguments and record.exc_info:
            # Celery's line about a task that failed.
            arguments |= {"exc": text_of(record.exc_info[1]), "traceback": ""}
    elif arguments:
        arguments = tuple(_safe(value, record) for value in arguments)
    return str(message) % arguments if arguments else str(message)


def text_of(error: object) -> str:
    """Return the type of an exception, and its text if that cannot be what somebody has typed."""
    name = type(error).__qualname__
    return f"{name}: {' '.join(str(error).split())}" if _kinds(error) & TELLING else name


def _kinds(error: object) -> set[str]:
    return {f"{kind.__module__}.{kind.__qualname__}" for kind in type(error).__mro__}


def _is_away(error: BaseException | None) -> bool:
    """Return whether the database or the broker does not answer, wherever that was noticed."""
    if error is None:
        return False
    # Imported here because logs are set up before Django is.
    from creditscore.http import database

    return bool(_kinds(error) & BROKER_AWAY) or database.is_away(error)


def _safe(argument: object, record: logging.LogRecord) -> object:
    if isinstance(argument, BaseException):
        return text_of(argument)
    request = getattr(record, "request", None)
    if request is not None and isinstance(argument, str) and argument.startswith("/"):
        # The address of a page that sets a password is a key.
        match = getattr(request, "resolver_match", None)
        return match.route if match else "an address without a page"
    return argument


def _with_safe_message(record: logging.LogRecord, formatter: logging.Formatter) -> logging.LogRecord:
    copy = logging.makeLogRecord(record.__dict__)
    copy.message = message_of(record)
    copy.asctime = formatter.formatTime(copy)
    return copy


def _places(exc_info: Any) -> Iterator[str]:
    """Yield the exception with the places that it went through, and those that caused it."""
    error: BaseException | None = exc_info[1] if exc_info else None
    if _is_away(error):
        return
    frames: TracebackType | None = exc_info[2] if exc_info else None
    told: set[int] = set()
    while error is not None and id(error) not in told:
        told.add(id(error))
        yield text_of(error) if len(told) == 1 else f"caused by {text_of(error)}"
        for frame, line in traceback.walk_tb(frames):
            yield f"  {frame.f_code.co_filename}:{line} in {frame.f_code.co_name}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        frames = error.__traceback__ if error else None


def _printable(line: str) -> str:
    """Return the line with control characters and line separators escaped."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode()
        for character in line
    )
