"""Wrong columns, types, ranges or an inverted label: refused before anything is trained."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from predictions.training.__main__ import main
from predictions.training.data import BadData, check_frame
from predictions.training.synthetic import synthetic_frame

Spoil = Callable[[pd.DataFrame], pd.DataFrame]

SPOILED: dict[str, tuple[Spoil, str]] = {
    "column missing": (lambda loans: loans.drop(columns="loan_grade"), "missing columns: loan_grade"),
    "column too many": (lambda loans: loans.assign(score=1), "unknown columns: score"),
    "too few rows": (lambda loans: loans.head(100), "too few"),
    "text for a number": (
        lambda loans: loans.assign(person_income="much"),
        "person_income must contain numbers",
    ),
    "strange choice": (lambda loans: loans.assign(loan_grade="H"), "loan_grade contains H"),
    "empty cells": (lambda loans: loans.assign(person_age=float("nan")), "person_age has 2,000 empty cells"),
    "another unit": (
        lambda loans: loans.assign(person_income=loans.person_income // 1000),
        "loan_percent_income",
    ),
    "out of bounds": (lambda loans: loans.assign(person_age=loans.person_age + 90), "person_age"),
    "strange label": (lambda loans: loans.assign(loan_status=2), "must contain 0 and 1"),
    "empty label": (lambda loans: loans.assign(loan_status=float("nan")), "empty in 2,000 rows"),
    "some empty labels": (
        lambda loans: loans.assign(loan_status=loans.loan_status.where(loans.index > 9)),
        "empty in 10 rows",
    ),
    "one outcome": (lambda loans: loans.assign(loan_status=1), "is 1 in all rows"),
    "no default": (lambda loans: loans.assign(loan_status=0), "is 0 in all rows"),
    "labels in letters": (
        lambda loans: loans.assign(loan_status=loans.loan_status.map({0: "N", 1: "Y"})),
        "must contain 0 and 1 .*but contains N, Y",
    ),
    "labels in thirds": (lambda loans: loans.assign(loan_status=loans.loan_status / 3), "contains 0.3333"),
    "too few defaults": (
        lambda loans: pd.concat([loans[loans.loan_status == 1].head(99), loans[loans.loan_status == 0]]),
        "only 99 rows have loan_status 1, at least 100",
    ),
    "too few repaid": (
        lambda loans: pd.concat([loans[loans.loan_status == 0].head(20), loans[loans.loan_status == 1]]),
        "only 20 rows have loan_status 0",
    ),
    "499 rows": (lambda loans: loans.head(499), "499 rows are too few, at least 500 are needed"),
    "endless": (lambda loans: loans.assign(person_income=float("inf")), "person_income must contain numbers"),
    "inverted label": (lambda loans: loans.assign(loan_status=1 - loans.loan_status), "inverted"),
}


@pytest.mark.parametrize("case", SPOILED)
def test_bad_data_is_refused_with_its_reason(case: str) -> None:
    spoil, reason = SPOILED[case]
    with pytest.raises(BadData, match=reason):
        check_frame(spoil(synthetic_frame(2_000)), "test")


def test_the_command_refuses_with_exit_code_2_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    loans = synthetic_frame(2_000)
    loans.assign(loan_status=1 - loans.loan_status).to_csv(tmp_path / "loans.csv", index=False)
    assert main([str(tmp_path / "loans.csv"), "--quick", "--out", str(tmp_path / "out")]) == 2
    assert "inverted" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_not_there_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "none.csv"), "--out", str(tmp_path / "out")]) == 2
    assert "cannot be read" in capsys.readouterr().err


def test_a_few_impossible_people_are_left_out() -> None:
    loans = synthetic_frame(2_000)
    loans.loc[:4, "person_age"] = 144
    data = check_frame(loans, "test")
    assert (data.rows_read, len(data)) == (2_000, 1_995)


def test_equal_rows_share_a_group() -> None:
    loans = synthetic_frame(2_000)
    data = check_frame(pd.concat([loans, loans.head(50)], ignore_index=True), "test")
    assert (data.groups[:50] == data.groups[2_000:]).all()
    assert len(set(data.groups)) <= 2_000
