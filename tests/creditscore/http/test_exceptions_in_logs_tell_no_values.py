"""What an exception says is in the log only if it cannot be what somebody has typed."""

import json
import logging
import sys

import pytest
from django.db import IntegrityError, OperationalError
from django.test import RequestFactory
from django.urls import resolve
from redis.exceptions import ResponseError

from creditscore.http.logs import JsonFormatter, OneLineFormatter
from predictions.scoring.artifacts import ArtifactError

SECRET = "Secretov-7731"
FORMATTERS = [OneLineFormatter, JsonFormatter]


def written(formatter: type[logging.Formatter], message: object, *arguments: object, **extra: object) -> str:
    record = logging.LogRecord("any", logging.ERROR, "", 0, message, arguments, sys.exc_info())
    vars(record).update(extra)
    return formatter().format(record)


def fail() -> None:
    """As a driver does that names the row: one error hides another."""
    try:
        raise ValueError(f"no number: {SECRET}")
    except ValueError as error:
        raise IntegrityError(f"Failing row contains ({SECRET})") from error


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_types_and_places_are_told_and_no_values(formatter: type[logging.Formatter]) -> None:
    try:
        fail()
    except IntegrityError as error:
        text = written(formatter, "not stored: %s", error)
    assert SECRET not in text
    assert "not stored: IntegrityError" in text
    assert "caused by ValueError" in text
    assert f"{__file__}:" in text
    assert "in fail" in text


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize("kind", [OperationalError, ResponseError, ConnectionRefusedError, ArtifactError])
def test_what_is_about_the_service_is_quoted(
    formatter: type[logging.Formatter], kind: type[Exception]
) -> None:
    try:
        raise kind("the reason")
    except kind as error:
        text = written(formatter, "not published: %s", error)
    assert f"not published: {kind.__qualname__}: the reason" in text
    assert text.count("the reason") == 2


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_an_exception_that_is_the_message(formatter: type[logging.Formatter]) -> None:
    assert SECRET not in written(formatter, ValueError(SECRET))


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_celerys_line_about_a_failed_task(formatter: type[logging.Formatter]) -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        told = {"name": "score", "exc": repr(error), "traceback": f"ValueError: {SECRET}", "args": SECRET}
        text = written(formatter, "Task %(name)s failed: %(exc)s\n%(traceback)s", told, data=told)
    assert SECRET not in text
    assert "Task score failed: ValueError" in text


@pytest.mark.parametrize("formatter", FORMATTERS)
def test_the_link_of_a_password_reset(formatter: type[logging.Formatter]) -> None:
    address = f"/account/reset/MQ/{SECRET}/"
    request = RequestFactory().get(address)
    request.resolver_match = resolve(address)
    text = written(formatter, "%s: %s", "Internal Server Error", address, request=request)
    assert SECRET not in text
    assert "Internal Server Error: account/reset/<uidb64>/<token>/" in text


def test_errors_that_cause_each_other_end() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first
    record = logging.LogRecord("any", logging.ERROR, "", 0, "x", None, (ValueError, first, None))
    assert json.loads(JsonFormatter().format(record))["exception"].split() == [
        "ValueError",
        "caused",
        "by",
        "KeyError",
    ]
