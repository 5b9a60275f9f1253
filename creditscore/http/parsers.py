"""A JSON parser with limits on size and nesting, which refuses what JSON leaves open."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from accounts.errors import CustomerError, RepeatedName


class BodyTooLarge(CustomerError):
    """The request body is longer than `StrictJSONParser.max_bytes`."""

    status = 413
    code = "too_large"


class StrictJSONParser(JSONParser):
    """Reads UTF-8 with or without a byte order mark (RFC 8259).

    Raises `BodyTooLarge` before reading a long body, `RepeatedName` for a key that stands twice in an object,
    and `ParseError` for everything else, such as NaN and deep nesting.
    """

    max_bytes = 1_000_000

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.max_bytes:
            raise BodyTooLarge
        try:
            text = stream.read().decode("utf-8-sig")
            return json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
        except (ValueError, RecursionError) as error:
            raise ParseError from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RepeatedName
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
