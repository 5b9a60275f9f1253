"""The command for files: valid rows get a probability, bad rows an error, and the exit code says which."""

import csv
from pathlib import Path

import pytest

from predictions.scoring.__main__ import main
from predictions.scoring.artifacts import current
from predictions.scoring.files import quoted_as_text
from predictions.scoring.parsing import parse_text
from predictions.scoring.predict import score
from predictions.scoring.schema import FIELD_NAMES, SHARE_FIELD
from tests.support.loans import SLUGS, made_up_applicants

HEADER = ["id", *(name for name in FIELD_NAMES if name != SHARE_FIELD)]


def some_rows(count: int) -> list[list[str]]:
    rows = []
    for number, applicant in enumerate(made_up_applicants(count)):
        cells = ["" if applicant[name] is None else str(applicant[name]) for name in HEADER[1:]]
        rows.append([f"loan {number}", *cells])
    return rows


def written(path: Path, rows: list[list[str]], header: list[str] = HEADER) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header, *rows])
    return path


def run(folder: Path, source: Path, slug: str = "logistic-regression") -> tuple[int, list[dict[str, str]]]:
    target = folder / "out.csv"
    code = main(["score", "--model", slug, str(source), str(target)])
    if not target.exists():
        return code, []
    with target.open(newline="", encoding="utf-8") as file:
        return code, list(csv.DictReader(file))


@pytest.mark.parametrize("slug", SLUGS)
def test_good_rows_get_the_numbers_that_are_sold(slug: str, sold: Path, tmp_path: Path) -> None:
    rows = some_rows(120)
    code, results = run(tmp_path, written(tmp_path / "in.csv", rows), slug)
    applicants = [parse_text(dict(zip(HEADER[1:], row[1:], strict=True))) for row in rows]
    expected = score(sold, current(sold, slug), applicants).tolist()
    assert code == 0
    assert list(results[0]) == [*HEADER, "approval_probability", "default_probability", "error"]
    assert [float(result["approval_probability"]) for result in results] == expected
    assert [float(result["default_probability"]) for result in results] == [1 - one for one in expected]
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
        "loan_grade: Choose one of: A, B, C, D, E, F, G.",
        "5 cells instead of 11",
        "",
    ]
    assert [result["approval_probability"] == "" for result in results] == [False, True, True, False]


def test_more_rows_than_one_chunk_keep_their_order(tmp_path: Path) -> None:
    rows = some_rows(500) * 21
    code, results = run(tmp_path, written(tmp_path / "in.csv", rows))
    assert code == 0
    assert [result["id"] for result in results] == [row[0] for row in rows]
    assert results[:500] == results[10_000:]


def test_semicolons_decimal_commas_and_a_byte_order_mark_are_understood(tmp_path: Path) -> None:
    rows = some_rows(3)
    lines = [";".join(row).replace(".", ",") for row in [HEADER, *rows]]
    (tmp_path / "in.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    code, results = run(tmp_path, tmp_path / "in.csv")
    assert code == 0
    assert len(results) == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "missing columns"),
        (b"a,b\n1,2\n", "missing columns: person_age"),
        ((",".join([*HEADER, "error"]) + "\n").encode(), "would be overwritten: error"),
        ((",".join([*HEADER, "id"]) + "\n").encode(), "appear twice: id"),
        (",".join(HEADER).encode("utf-16"), "not CSV in UTF-8"),
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


@pytest.mark.parametrize("cell", ["=1+1", "+A1", "-A1", "@SUM(A1)", "\tx", "\rx", "-", "+-3"])
def test_formulas_are_quoted(cell: str) -> None:
    assert quoted_as_text(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["", "-3.5", "+7", "-1e5", "a=b", "loan 5"])
def test_numbers_and_plain_text_are_not_quoted(cell: str) -> None:
    assert quoted_as_text(cell) == cell
