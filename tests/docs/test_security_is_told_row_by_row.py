"""`docs/security.md` has each requirement of OWASP ASVS 5.0, level 1 and 2, with its test or a reason."""

import re
import tomllib

import pytest

from tests.support.asvs import requirements
from tests.support.configuration import ROOT
from tests.support.markdown import CODE, links, tables

SECURITY = (ROOT / "docs/security.md").read_text()
INVENTORY = (ROOT / "docs/security-inventory.md").read_text()
ROWS = [table.rows for table in tables(SECURITY) if table.header[0] == "ASVS"]
LEFT_OUT = SECURITY.partition("### Not applicable")[2]
# What may stand in place of a test, each with its reason.
REASONS = ("No test: ", "Structure: ", "Setting: ", "Document: ")
FAILS = "**Does not hold"


def left_out() -> list[str]:
    """The requirements that do not apply; a chapter stands for all of its own."""
    named = re.findall(r"\bV\d+(?:\.\d+\.\d+)?\b", LEFT_OUT)
    expected = requirements(1, 2)
    return [
        number
        for name in named
        for number in ([name] if "." in name else [each for each in expected if each.startswith(f"{name}.")])
    ]


def test_every_requirement_stands_once() -> None:
    numbers = [row[0] for table in ROWS for row in table] + left_out()
    assert len(numbers) == len(set(numbers))
    assert sorted(numbers) == sorted(requirements(1, 2))
    assert len(ROWS) > 10


def test_the_numbers_of_the_standard_are_complete() -> None:
    """As many as the standard says that it has at each level."""
    assert [len(requirements(level)) for level in (1, 2, 3)] == [70, 183, 92]


def test_each_table_is_of_one_chapter_in_its_order() -> None:
    order = requirements(1, 2)
    for table in ROWS:
        numbers = [row[0] for row in table]
        assert len({number.partition(".")[0] for number in numbers}) == 1
        assert numbers == sorted(numbers, key=order.index)


@pytest.mark.parametrize("row", [row for table in ROWS for row in table], ids=lambda row: str(row[0]))
def test_a_row_names_a_test_or_says_why_there_is_none(row: list[str]) -> None:
    _number, holds, shown_by = row
    assert holds.endswith(".")
    tests = [code for code in CODE.findall(shown_by) if code.startswith("tests/")]
    if tests:
        for test in tests:
            assert (ROOT / test).is_file()
            assert re.search(r"/test_\w+\.py$", test)
    elif shown_by == "None.":
        assert holds.startswith(FAILS)
    else:
        assert shown_by.startswith(REASONS)
        assert len(shown_by.split()) > 2


@pytest.mark.parametrize("readme", ["README.md", "README.ru.md"])
def test_the_readmes_lead_to_it(readme: str) -> None:
    assert "docs/security.md" in links((ROOT / readme).read_text())


def test_the_exceptions_of_the_linter_are_named() -> None:
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    excused = {code for code in lint["ignore"] if re.fullmatch(r"S\d+", code)}
    excused |= {
        code for codes in lint["per-file-ignores"].values() for code in codes if re.fullmatch(r"S\d+", code)
    }
    for folder in ("accounts", "benchmarks", "billing", "creditscore", "predictions", "telemetry", "tests"):
        for file in (ROOT / folder).rglob("*.py"):
            excused |= set(re.findall(r"# noqa: (S\d+)$", file.read_text(), re.MULTILINE))
    assert excused == set(re.findall(r"`(S\d+)`", INVENTORY))
