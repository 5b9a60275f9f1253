"""Operations of the API declare the errors that they answer with; the schema and the reference show them.

Imported by what DRF imports while it starts, so nothing here may import DRF.
"""

from collections.abc import Callable, Collection
from typing import Any, TypeVar

Handler = TypeVar("Handler", bound=Callable[..., Any])
Errors = tuple[type[Exception], ...]


def raises(*errors: type[Exception], fields: Collection[str] = ()) -> Callable[[Handler], Handler]:
    """Return a decorator for methods of API views that can raise `errors`.

    What every operation raises, and what authenticators and permissions raise, is not repeated: those name
    it in their attribute `raises`. `fields` are codes of field errors that no field of the body declares.
    """

    def decorate(handler: Handler) -> Handler:
        handler.raises = (*declared(handler), *errors)  # type: ignore[attr-defined]
        handler.field_codes = {*field_codes(handler), *fields}  # type: ignore[attr-defined]
        return handler

    return decorate


def declared(source: object) -> Errors:
    """Return the errors that a method, an authenticator or a permission declares."""
    errors: Errors = getattr(source, "raises", ())
    return errors


def field_codes(handler: object) -> set[str]:
    """Return the codes of field errors that a method declares beside those of its body."""
    return set(getattr(handler, "field_codes", ()))
