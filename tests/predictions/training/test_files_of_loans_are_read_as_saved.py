"""Files as spreadsheets and databases save them; what is no table of loans is refused with its reason."""

import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from predictions.training.data import BadData, Data, read_data
from predictions.training.synthetic import synthetic_frame


@pytest.fixture(scope="module")
def loans() -> pd.DataFrame:
    return synthetic_frame(700, 3)


def read(path: Path, content: bytes) -> Data:
    file = path / "own.csv"
    file.write_bytes(content)
    return read_data(file)


def text(loans: pd.DataFrame, **options: str) -> str:
    return str(loans.to_csv(index=False, **options))  # type: ignore[call-overload]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le-bom"])
@pytest.mark.parametrize("options", [{}, {"sep": ";"}, {"sep": ";", "decimal": ","}, {"sep": "\t"}])
def test_encodings_and_separators_give_the_same_loans(
    tmp_path: Path, loans: pd.DataFrame, encoding: str, options: dict[str, str]
) -> None:
    content = text(loans, **options)
    if encoding == "utf-16-le-bom":
        data = read(tmp_path, b"\xff\xfe" + content.encode("utf-16-le"))
    else:
        data = read(tmp_path, content.encode(encoding))
    plain = read(tmp_path, text(loans).encode())
    assert data.raw.tobytes() == plain.raw.tobytes()
    assert (data.approved == plain.approved).all()


def test_columns_come_in_any_order(tmp_path: Path, loans: pd.DataFrame) -> None:
    data = read(tmp_path, text(loans[loans.columns[::-1]]).encode())
    assert data.raw.tobytes() == read(tmp_path, text(loans).encode()).raw.tobytes()


HEADER = ",".join(synthetic_frame(1).columns)
REFUSED: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "The file is empty"),
    "blank": (b"\n \n\n", "The file is empty"),
    "header alone": (HEADER.encode(), "0 rows are too few, at least 500"),
    "no table": (b"%PDF-1.7\n" + bytes(range(256)), "neither UTF-8 nor UTF-16"),
    "half a UTF-16 letter": ("ab".encode("utf-16") + b"a", "neither UTF-8 nor UTF-16"),
    "another table": (b"a,b\n1,2\n", "missing columns: cb_person"),
    "a column twice": (f"{HEADER},loan_grade\n".encode(), "come twice: loan_grade"),
    "rows with more cells": (
        f"{HEADER}\n{HEADER},,,\n{HEADER},,,\n".encode(),
        "cannot be read as a CSV file",
    ),
    "an open quote": (f'{HEADER}\n"1,2\n'.encode(), "cannot be read as a CSV file"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_file_of_loans_is_refused(case: str, tmp_path: Path) -> None:
    content, reason = REFUSED[case]
    with pytest.raises(BadData, match=reason):
        read(tmp_path, content)


def test_line_ends_of_old_machines_are_line_ends(tmp_path: Path, loans: pd.DataFrame) -> None:
    data = read(tmp_path, text(loans).replace("\n", "\r").encode())
    assert data.raw.tobytes() == read(tmp_path, text(loans).encode()).raw.tobytes()


def test_a_header_without_an_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadData) as refused:
        read(tmp_path, b"x" * 200_000)
    assert refused.value.refusal["code"] == "unreadable"


def test_extra_cells_are_refused_where_warnings_are_no_errors(tmp_path: Path, loans: pd.DataFrame) -> None:
    """As in the process of a training: the settings of these tests make errors of warnings."""
    header, *rows = text(loans).splitlines()
    file = tmp_path / "own.csv"
    file.write_text("\n".join([header, *(f"{row},1" for row in rows)]))
    script = f"from predictions.training.reading import Path, read_frame; read_frame(Path({str(file)!r}))"
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "BadData" in run.stderr.splitlines()[-1]
