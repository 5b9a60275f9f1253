"""An error of the first rows is answered like that of any page, not with the beginning of a file."""

from collections.abc import Iterator

import pytest
from django.db import OperationalError

from accounts.models import User
from predictions.site.csv_files import CHUNK, csv_response


def rows(good: int) -> Iterator[list[str]]:
    yield from (["1"] for _row in range(good))
    raise OperationalError("canceling statement due to statement timeout")


def test_nothing_is_sent_if_there_is_no_first_row(alice: User) -> None:
    with pytest.raises(OperationalError):
        csv_response(alice, "rows.csv", ["Number"], rows(0))


def test_what_has_begun_breaks_off(alice: User) -> None:
    response = csv_response(alice, "rows.csv", ["Number"], rows(CHUNK))
    assert next(iter(response)).count(b"\n") == 1 + CHUNK
    with pytest.raises(OperationalError):
        list(response)
