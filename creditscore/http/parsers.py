"""A JSON parser with a limit on nesting, which refuses what JSON leaves open."""

import json
from collections.abc import Mapping
from typing import IO, Any, NoReturn

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from accounts.errors import RepeatedName


class StrictJSONParser(JSONParser):
    """Reads UTF-8 with or without a byte order mark (RFC 8259).

    Raises `RepeatedName` for a key that stands twice in an object, and `ParseError` for everything else, such
    as NaN and deep nesting.
    """

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
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
