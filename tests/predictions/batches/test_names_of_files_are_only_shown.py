"""What a customer's file is called leads nowhere: it is stored under a name of the service."""

from pathlib import Path

import pytest

from accounts.models import User
from predictions.orders.uploads import shown_name
from tests.support.batches import UploadFor, stored_files, table
from tests.support.people import ApiClientFor
from tests.support.scored_files import some_rows


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/passwd", "passwd"),
        ("/etc/passwd", "passwd"),
        ("a\x00b\r\nc.csv", "abc.csv"),
        ("x" * 300, "x" * 200),
    ],
)
def test_only_a_name_is_left_of_a_path(name: str, shown: str) -> None:
    assert shown_name(name) == shown


def test_a_path_in_a_name_is_not_followed(
    alice: User, api: ApiClientFor, upload: UploadFor, own_files: Path
) -> None:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\ncatboost\r\n'
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="../../../escaped.csv"\r\n'
        b"Content-Type: text/csv\r\n\r\n" + table(some_rows(2)) + b"\r\n--x--\r\n"
    )
    answer = api(alice).post("/api/v1/batches/", body, content_type="multipart/form-data; boundary=x")
    assert (answer.status_code, answer.json()["file_name"]) == (201, "escaped.csv")
    assert {name.split("/")[0] for name in stored_files(own_files)} == {answer.json()["id"]}
    assert not list(own_files.parent.parent.rglob("escaped*"))
