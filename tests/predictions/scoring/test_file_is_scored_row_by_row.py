"""The command for files: valid rows get a probability, bad rows an error, and the exit code says which."""

from decimal import Decimal
from pathlib import Path

import pytest

from predictions.scoring.__main__ import main
from predictions.scoring.artifacts import current
from predictions.scoring.parsing import parse_text
from predictions.scoring.predict import score
from tests.support.loans import SLUGS
from tests.support.scored_files import HEADER, run, some_rows, written


@pytest.mark.parametrize("slug", SLUGS)
def test_good_rows_get_the_numbers_that_are_sold(slug: str, sold: Path, tmp_path: Path) -> None:
    rows = some_rows(120)
    code, results = run(tmp_path, written(tmp_path / "in.csv", rows), slug)
    applicants = [parse_text(dict(zip(HEADER[1:], row[1:], strict=True))) for row in rows]
    expected = score(sold, current(sold, slug), applicants).tolist()
    assert code == 0
    assert list(results[0]) == [*HEADER, "approval_probability", "default_probability", "error"]
    for result, approval in zip(results, expected, strict=True):
        assert result["approval_probability"] == f"{approval:.6f}"
        assert Decimal(result["approval_probability"]) + Decimal(result["default_probability"]) == 1
    assert [[result[name] for name in HEADER] for result in results] == rows
    assert {result["error"] for result in results} == {""}


def test_a_bad_row_gets_its_reason_and_the_run_goes_on(tmp_path: Path) -> None:
    rows = some_rows(4)
    rows[1][HEADER.index("loan_grade")] = "Z"
    rows[2] = rows[2][:5]
    code, results = run(tmp_path, written(tmp_path / "in.csv", rows))
    assert code == 1
    assert [result["error"] for result in results] == [
        "",
        "line 3: loan_grade: Choose one of: A, B, C, D, E, F, G.",
        "line 4: 5 cells instead of 11",
        "",
    ]
    assert [result["approval_probability"] == "" for result in results] == [False, True, True, False]


def test_more_rows_than_one_chunk_keep_their_order(tmp_path: Path) -> None:
    rows = some_rows(500) * 21
    code, results = run(tmp_path, written(tmp_path / "in.csv", rows))
    assert code == 0
    assert [result["id"] for result in results] == [row[0] for row in rows]
    assert results[:500] == results[10_000:]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\n;;;\n", "the file is empty"),
        (b"a,b\n1,2\n", "missing columns: person_age"),
        ((",".join([*HEADER, "error"]) + "\n").encode(), "would be overwritten: error"),
        ((",".join([*HEADER, "id"]) + "\n").encode(), "appear twice: id"),
        ((",".join([*HEADER, "Loan_Grade"]) + "\n").encode(), "appear twice: loan_grade"),
    ],
)
def test_an_unusable_file_writes_nothing(
    content: bytes, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in.csv").write_bytes(content)
    code, _results = run(tmp_path, tmp_path / "in.csv")
    assert code == 2
    assert reason in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in.csv"]


def test_a_missing_file_or_model_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(tmp_path, tmp_path / "none.csv")[0] == 2
    source = written(tmp_path / "in.csv", some_rows(1))
    arguments = [
        "score",
        "--model",
        "catboost",
        "--artifacts",
        str(tmp_path),
        str(source),
        str(tmp_path / "o"),
    ]
    assert main(arguments) == 2
    assert "manifest.json cannot be read" in capsys.readouterr().err


def test_cells_that_a_spreadsheet_would_run_become_text(tmp_path: Path) -> None:
    rows = some_rows(1)
    rows[0][0] = "=HYPERLINK(A1)"
    _code, results = run(tmp_path, written(tmp_path / "in.csv", rows))
    assert results[0]["id"] == "'=HYPERLINK(A1)"
