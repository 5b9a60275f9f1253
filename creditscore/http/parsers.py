"""A JSON parser with limits on size and nesting."""

from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from accounts.errors import CustomerError


class BodyTooLarge(CustomerError):
    """The request body is longer than `BoundedJSONParser.max_bytes`."""

    status = 413
    code = "too_large"


class BoundedJSONParser(JSONParser):
    """Raises `BodyTooLarge` before reading a long body, and `ParseError` for deep nesting."""

    max_bytes = 1_000_000

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        request = (parser_context or {})["request"]
        if int(request.META.get("CONTENT_LENGTH") or 0) > self.max_bytes:
            raise BodyTooLarge
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError from error
