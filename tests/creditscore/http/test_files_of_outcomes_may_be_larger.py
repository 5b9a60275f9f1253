"""Addresses that take files of outcomes accept 20 MB; what looks like them does not."""

import pytest

from creditscore.http.bodies import MAX_BYTES, MAX_OUTCOME_BYTES, max_bytes

KEY = "28950eed-6ac6-44bc-a963-f6a981675190"


@pytest.mark.parametrize(
    "path",
    ["/outcomes/", f"/files/{KEY}/outcomes/", "/api/v1/outcomes/", f"/api/v1/batches/{KEY}/outcomes/"],
)
def test_files_of_outcomes(path: str) -> None:
    assert max_bytes(path) == max_bytes(f"/{path}") == MAX_OUTCOME_BYTES > 20_000_000


@pytest.mark.parametrize(
    "path",
    [f"/predictions/{KEY}/outcome/", f"/api/v1/predictions/{KEY}/outcome/", "/outcomes/x/", "/x/outcomes/"],
)
def test_others(path: str) -> None:
    assert max_bytes(path) == MAX_BYTES
