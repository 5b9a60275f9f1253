"""What the work of this moment is about: fields that each of its log lines carries."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})
_fields: ContextVar[Mapping[str, str]] = ContextVar("fields", default=_NONE)
_role = "command"


@contextmanager
def bound(**fields: str) -> Iterator[None]:
    """Add fields to everything that happens inside, in this thread."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def bind(**fields: str) -> None:
    """Set the fields of everything that happens in this thread from now on, in place of earlier ones."""
    _fields.set(fields)


def get(name: str) -> str:
    """Return the value of a field, "" without one."""
    return _fields.get().get(name, "")


def fields() -> Mapping[str, str]:
    return _fields.get()


def set_role(name: str) -> None:
    """Name what this process does: web, worker, mailer, clock."""
    global _role
    _role = name


def role() -> str:
    """Return what this process does, "command" for a command of an operator."""
    return _role
